package io.proxytune.core.engine;

import io.proxytune.core.decode.StepMember;
import java.util.List;

/**
 * Sequences, or a score, that begin together, since the first reads the prompt of all; mostly one.
 * For the thread that runs steps.
 */
final class TextGroup {
  private final List<StepMember> sequences;
  private long lastStep;

  TextGroup(List<? extends StepMember> sequences) {
    this.sequences = List.copyOf(sequences);
  }

  List<StepMember> unfinished() {
    return sequences.stream().filter(sequence -> !sequence.isFinished()).toList();
  }

  boolean isFinished() {
    return sequences.stream().allMatch(StepMember::isFinished);
  }

  boolean hasReadPrompt() {
    return sequences.stream().allMatch(each -> each.isFinished() || each.hasReadPrompt());
  }

  /** Whether it is reading the beginning of another's prompt, which does well to wait. */
  boolean readsFor(TextGroup other) {
    return unfinished().stream()
        .findFirst()
        .filter(reader -> reader.readsFor(other.sequences.get(0)))
        .isPresent();
  }

  int size() {
    return sequences.size();
  }

  List<StepMember> sequences() {
    return sequences;
  }

  long cacheBytes() {
    return unfinished().stream().mapToLong(StepMember::cacheBytes).sum();
  }

  /** Whether the memory can be given back, and what was read be read again. */
  boolean canPause() {
    return unfinished().stream().allMatch(StepMember::canPause);
  }

  void pause() {
    unfinished().forEach(StepMember::pause);
  }

  /** The number of the last step that it took part in. */
  long lastStep() {
    return lastStep;
  }

  void takesPartIn(long step) {
    lastStep = step;
  }
}
