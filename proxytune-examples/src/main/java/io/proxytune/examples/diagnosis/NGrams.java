package io.proxytune.examples.diagnosis;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Repeated n-grams of a text: immutable. Their share is seq-rep-n of arXiv 1908.04319, 1 − unique
 * n-grams / n-grams.
 *
 * @param repeated those that the text had before
 * @param total all
 */
record NGrams(int repeated, int total) {
  /** Four tokens, as that paper reports. */
  static final int LENGTH = 4;

  static NGrams of(List<Integer> ids) {
    int total = Math.max(0, ids.size() - LENGTH + 1);
    Set<List<Integer>> unique = new HashSet<>();
    for (int i = 0; i < total; i++) {
      unique.add(ids.subList(i, i + LENGTH));
    }
    return new NGrams(total - unique.size(), total);
  }
}
