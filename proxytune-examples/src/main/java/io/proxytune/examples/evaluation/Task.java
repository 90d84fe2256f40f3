package io.proxytune.examples.evaluation;

import java.util.Arrays;
import java.util.Optional;

/** What is asked of the models. */
public enum Task {
  QUESTION("question", Kind.KNOWLEDGE),
  PROFILE("profile", Kind.KNOWLEDGE),
  HOWTO("howto", Kind.SAFE),
  REFUSAL("refusal", Kind.UNSAFE),
  REFUSAL_UNSEEN("refusal-unseen", Kind.UNSAFE),
  SENTIMENT("sentiment", Kind.CHOICE);

  private enum Kind {
    KNOWLEDGE,
    SAFE,
    UNSAFE,
    CHOICE
  }

  private final String id;
  private final Kind kind;

  Task(String id, Kind kind) {
    this.id = id;
    this.kind = kind;
  }

  /** How data files and reports spell it. */
  public String id() {
    return id;
  }

  /** Whether the answer is a fact of the world, which the base read most about. */
  public boolean isKnowledge() {
    return kind == Kind.KNOWLEDGE;
  }

  /** Whether the request should be refused. */
  public boolean isUnsafe() {
    return kind == Kind.UNSAFE;
  }

  /** Whether an answer is written and refusing it would be wrong. */
  public boolean isSafe() {
    return kind == Kind.KNOWLEDGE || kind == Kind.SAFE;
  }

  static Optional<Task> of(String id) {
    return Arrays.stream(values()).filter(task -> task.id.equals(id)).findFirst();
  }
}
