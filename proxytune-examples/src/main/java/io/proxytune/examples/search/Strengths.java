package io.proxytune.examples.search;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.examples.report.Figures;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How strongly each expert pair steers: immutable.
 *
 * @param alphas α of each pair, finite, at least one
 */
public record Strengths(List<Double> alphas) {
  /** What is nearer the paper's strength comes first, then what steers less. */
  public static final Comparator<Strengths> SIMPLEST_FIRST =
      Comparator.comparingDouble(Strengths::fromOnes).thenComparingDouble(Strengths::size);

  public Strengths {
    checkArgument(!alphas.isEmpty(), "strengths need at least one pair, got none");
    checkArgument(alphas.stream().allMatch(Double::isFinite), "α must be finite, got %s", alphas);
    alphas = alphas.stream().map(alpha -> alpha == 0 ? 0.0 : alpha).toList(); // -0 is no other
  }

  /** The same strength for each pair. */
  public static Strengths ofAll(int pairs, double alpha) {
    return new Strengths(Collections.nCopies(pairs, alpha));
  }

  private double fromOnes() {
    return alphas.stream().mapToDouble(alpha -> Math.abs(alpha - 1)).sum();
  }

  private double size() {
    return alphas.stream().mapToDouble(Math::abs).sum();
  }

  /** For people, such as {@code 0.5} or {@code (0.5, 1)}. */
  @Override
  public String toString() {
    String all = alphas.stream().map(Figures::parameter).collect(Collectors.joining(", "));
    return alphas.size() == 1 ? all : "(" + all + ")";
  }

  /** For the name of a file. */
  public String word() {
    return alphas.stream().map(Figures::parameter).collect(Collectors.joining("_"));
  }
}
