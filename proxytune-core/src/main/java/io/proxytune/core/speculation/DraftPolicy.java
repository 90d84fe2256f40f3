package io.proxytune.core.speculation;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides how much to draft. Whatever it says, the text stays the same. */
interface DraftPolicy {
  /**
   * The lengths of the next step.
   *
   * @param kinds the kinds that can be drafted
   * @param sequences how many sequences it is asked for
   * @param together how many sequences are decoded together, these included
   */
  DraftLengths next(Set<DraftKind> kinds, int sequences, int together);

  /** The same for all sequences that are decoded together. */
  default DraftLengths next(Set<DraftKind> kinds, int sequences) {
    return next(kinds, sequences, sequences);
  }

  /** Whether nothing should be drafted for any of so many sequences, to see what that costs. */
  boolean plainIsDue(int together);

  /** Learns whether a token of a text was the one that prompt lookup would have drafted. */
  void observe(DraftKind kind, boolean right);

  /** Learns from a step. */
  void learn(StepReport report);

  /** Whether it learns from reports, with their times. */
  boolean learns();

  /** Always the same length. */
  record Fixed(int length) implements DraftPolicy {
    @Override
    public DraftLengths next(Set<DraftKind> kinds, int sequences, int together) {
      Map<DraftKind, Integer> lengths =
          kinds.stream().collect(Collectors.toMap(kind -> kind, kind -> length));
      return new DraftLengths(lengths);
    }

    @Override
    public boolean plainIsDue(int together) {
      return false;
    }

    @Override
    public void observe(DraftKind kind, boolean right) {}

    @Override
    public void learn(StepReport report) {}

    @Override
    public boolean learns() {
      return false;
    }
  }
}
