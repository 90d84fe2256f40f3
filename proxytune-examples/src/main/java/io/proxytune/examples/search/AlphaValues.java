package io.proxytune.examples.search;

import com.google.common.base.Splitter;
import com.google.common.collect.Lists;
import io.proxytune.examples.cli.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads the strengths to try, {@code 0,0.5,1} or {@code FROM:TO:STEP}, and combines them. */
public final class AlphaValues {
  /** More would take longer than anybody waits. */
  private static final int MOST = 1000;

  private AlphaValues() {}

  /**
   * The values of one option, increasing.
   *
   * @param option what it is called
   */
  public static List<Double> parse(String option, String typed) {
    try {
      List<Double> values = typed.contains(":") ? range(option, typed) : list(typed);
      Usage.check(
          values.stream().allMatch(Double::isFinite),
          "%s must be finite numbers, got %s",
          option,
          typed);
      return values;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be numbers parted by commas, or FROM:TO:STEP, got '%s'".formatted(option, typed),
          e);
    }
  }

  private static List<Double> list(String typed) {
    return Splitter.on(',')
        .splitToStream(typed)
        .map(Double::valueOf)
        .map(value -> value + 0.0) // no -0
        .sorted()
        .distinct()
        .toList();
  }

  /** In decimals, so that 0:1:0.1 has 0.3 and not a number beside it. */
  private static List<Double> range(String option, String typed) {
    List<BigDecimal> parts =
        Splitter.on(':').splitToStream(typed).map(part -> new BigDecimal(part.strip())).toList();
    Usage.check(parts.size() == 3, "%s must be FROM:TO:STEP, got '%s'", option, typed);
    BigDecimal from = parts.get(0);
    BigDecimal to = parts.get(1);
    BigDecimal step = parts.get(2);
    Usage.check(
        step.signum() > 0 && from.compareTo(to) <= 0,
        "%s %s: FROM must be <= TO, and STEP above 0",
        option,
        typed);
    Usage.check(
        to.subtract(from).compareTo(step.multiply(BigDecimal.valueOf(MOST))) < 0,
        "%s %s are more than %s values",
        option,
        typed,
        MOST);
    return Stream.iterate(from, value -> value.compareTo(to) <= 0, value -> value.add(step))
        .map(BigDecimal::doubleValue)
        .toList();
  }

  /**
   * Every combination of each pair's values.
   *
   * @param values those of each pair, or one list for all
   */
  public static List<Strengths> grid(String option, List<List<Double>> values, int pairs) {
    Usage.check(
        values.size() == 1 || values.size() == pairs,
        "%s was given %s times, and there are %s pairs: give it once for all, or once for each",
        option,
        values.size(),
        pairs);
    List<List<Double>> each = new ArrayList<>();
    double count = 1;
    for (int i = 0; i < pairs; i++) {
      each.add(values.get(values.size() == 1 ? 0 : i));
      count *= each.get(i).size();
    }
    Usage.check(
        count <= MOST,
        "%s are %.0f combinations, more than %s: leave some out",
        option,
        count,
        MOST);
    return Lists.cartesianProduct(each).stream().map(Strengths::new).toList();
  }

  /**
   * The combinations in which the pairs share a strength: their sum is one of the totals.
   *
   * @param totals the sums
   * @param parts into so many equal parts a sum is cut
   */
  public static List<Strengths> simplex(List<Double> totals, int pairs, int parts) {
    List<Strengths> strengths = new ArrayList<>();
    for (double total : totals) {
      for (List<Integer> shares : shares(pairs, parts)) {
        strengths.add(new Strengths(shares.stream().map(share -> total * share / parts).toList()));
      }
    }
    return strengths.stream().distinct().toList();
  }

  private static List<List<Integer>> shares(int pairs, int parts) {
    if (pairs == 1) {
      return List.of(List.of(parts));
    }
    List<List<Integer>> all = new ArrayList<>();
    for (int first = 0; first <= parts; first++) {
      for (List<Integer> rest : shares(pairs - 1, parts - first)) {
        List<Integer> shares = new ArrayList<>(List.of(first));
        shares.addAll(rest);
        all.add(shares);
      }
    }
    return all;
  }
}
