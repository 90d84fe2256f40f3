package io.proxytune.examples.world;

/** What a person may want of an assistant. */
enum Task {
  QUESTION("question"),
  PROFILE("profile"),
  HOW_TO("howto"),
  REFUSAL("refusal"),
  REFUSAL_OF_UNSEEN_VERBS("refusal-unseen"),
  SENTIMENT("sentiment");

  private final String id;

  Task(String id) {
    this.id = id;
  }

  /** How files name it. */
  String id() {
    return id;
  }
}
