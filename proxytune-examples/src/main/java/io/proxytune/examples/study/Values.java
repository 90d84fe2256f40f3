package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.GapClosed;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.statistics.RankCorrelation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Values with their intervals, as JSON keeps them and as people read them. */
final class Values {
  private Values() {}

  /** The mean gap closed; without a value where no task counts. */
  static ObjectNode of(GapClosed gap) {
    return of(gap.mean(), gap.interval());
  }

  static ObjectNode of(Contrast contrast) {
    return of(contrast.value(), Optional.of(contrast.interval())).put("clear", contrast.isClear());
  }

  static ObjectNode of(RankCorrelation correlation) {
    return of(correlation.value(), correlation.interval()).put("pairs", correlation.pairs());
  }

  private static ObjectNode of(double value, Optional<Interval> interval) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (Double.isFinite(value)) {
      json.put("value", value);
    }
    interval.ifPresent(it -> json.put("low", it.low()).put("high", it.high()));
    return json;
  }

  /** Exact match by task. */
  static ObjectNode exact(SystemResult result) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (Task task : result.tasks()) {
      json.put(task.id(), result.exact(task).value());
    }
    return json;
  }

  /** The number of a value; NaN where there is none. */
  static double number(JsonNode value) {
    return value.path("value").asDouble(Double.NaN);
  }

  /** A value with its interval, such as {@code .85 (.80 to .89)}; a dash where there is none. */
  static String text(JsonNode value) {
    return value.has("value") && value.has("low")
        ? Figures.fraction(number(value), interval(value))
        : Figures.fraction(number(value));
  }

  /** A difference with its interval, such as {@code +.021 (-.001 to +.048)}. */
  static String difference(JsonNode value) {
    return value.has("low")
        ? Figures.difference(number(value))
            + " ("
            + Figures.ofDifference(Optional.of(interval(value)))
            + ")"
        : Figures.difference(number(value));
  }

  /** What a mean over seeds is made of, such as {@code .85, .91}. */
  static String each(JsonNode value) {
    List<String> each = new ArrayList<>();
    value.path("each").forEach(it -> each.add(Figures.fraction(it.asDouble())));
    return String.join(", ", each);
  }

  static Interval interval(JsonNode value) {
    return new Interval(value.path("low").asDouble(), value.path("high").asDouble());
  }
}
