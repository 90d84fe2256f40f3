package io.proxytune.examples.study;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableListMultimap;
import io.proxytune.examples.statistics.Bootstrap;
import io.proxytune.examples.statistics.Interval;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a system scored on each item of a set, by kind: immutable.
 *
 * @param kinds the scores of each kind, from 0 to 1, in the order of the set
 */
record ItemScores(ImmutableListMultimap<String, Double> kinds) {
  ItemScores {
    checkArgument(!kinds.isEmpty(), "there are no scores");
  }

  static ItemScores of(JsonNode json) {
    ImmutableListMultimap.Builder<String, Double> kinds = ImmutableListMultimap.builder();
    json.properties()
        .forEach(kind -> kind.getValue().forEach(it -> kinds.put(kind.getKey(), it.asDouble())));
    return new ItemScores(kinds.build());
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (String kind : kinds.keySet()) {
      ArrayNode scores = json.putArray(kind);
      kinds.get(kind).forEach(scores::add);
    }
    return json;
  }

  /** The scores of one kind alone. */
  ItemScores only(String kind) {
    return new ItemScores(
        ImmutableListMultimap.<String, Double>builder().putAll(kind, kinds.get(kind)).build());
  }

  /** The mean over kinds of the mean score. */
  double mean() {
    return lists().stream().mapToDouble(ItemScores::mean).average().orElseThrow();
  }

  private static double mean(Collection<Double> scores) {
    return scores.stream().mapToDouble(score -> score).average().orElseThrow();
  }

  private List<List<Double>> lists() {
    return kinds.keySet().stream().map(kind -> (List<Double>) kinds.get(kind)).toList();
  }

  /**
   * The gap that this system closes between two others on the same items, with the 95 % interval of
   * resampling each kind's items; without a value where the upper one gains nothing.
   */
  ObjectNode gap(ItemScores base, ItemScores direct) {
    double value = ratio(base.mean(), mean(), direct.mean());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (Double.isNaN(value)) {
      return json;
    }
    List<Integer> sizes = lists().stream().map(List::size).toList();
    Optional<Interval> interval =
        Bootstrap.standard()
            .interval(sizes, chosen -> ratio(base.mean(chosen), mean(chosen), direct.mean(chosen)));
    json.put("value", value);
    interval.ifPresent(it -> json.put("low", it.low()).put("high", it.high()));
    return json;
  }

  private double mean(int[][] chosen) {
    List<List<Double>> lists = lists();
    List<Double> means = new ArrayList<>();
    for (int kind = 0; kind < chosen.length; kind++) {
      List<Double> scores = lists.get(kind);
      means.add(IntStream.of(chosen[kind]).mapToDouble(scores::get).average().orElseThrow());
    }
    return mean(means);
  }

  private static double ratio(double base, double steered, double direct) {
    return direct > base ? (steered - base) / (direct - base) : Double.NaN;
  }
}
