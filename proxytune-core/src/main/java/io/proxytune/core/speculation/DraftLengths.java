package io.proxytune.core.speculation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;

/**
 * How many tokens to draft in a step.
 *
 * @param byKind the most tokens of a draft of each kind, above 0; a kind that is absent drafts none
 */
record DraftLengths(Map<DraftKind, Integer> byKind) {
  static final DraftLengths NONE = new DraftLengths(Map.of());

  DraftLengths {
    byKind = Map.copyOf(byKind);
    byKind.forEach(
        (kind, length) -> checkArgument(length > 0, "%s must be > 0, got %s", kind, length));
  }

  int of(DraftKind kind) {
    return byKind.getOrDefault(kind, 0);
  }

  /** Whether nothing is drafted. */
  boolean isNone() {
    return byKind.isEmpty();
  }
}
