package io.proxytune.examples.study;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.statistics.Interval;
import java.util.List;
import java.util.Optional;

/**
 * A quantity over seeds: immutable.
 *
 * @param each its value with each seed, at least one
 */
record SeedMean(List<Double> each) {
  /** Student's t of 0.975, by degrees of freedom from 1 on. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228
  };

  SeedMean {
    each = List.copyOf(each);
    checkArgument(
        !each.isEmpty() && each.size() <= T.length + 1,
        "expected values of 1 to %s seeds, got %s",
        T.length + 1,
        each.size());
  }

  double value() {
    return each.stream().mapToDouble(it -> it).average().orElseThrow();
  }

  double least() {
    return each.stream().mapToDouble(it -> it).min().orElseThrow();
  }

  /**
   * The 95 % interval of the mean by Student's t, which takes seeds as drawn from a normal
   * distribution; nothing for one seed.
   */
  Optional<Interval> interval() {
    int count = each.size();
    if (count < 2) {
      return Optional.empty();
    }
    double mean = value();
    double squares = each.stream().mapToDouble(it -> (it - mean) * (it - mean)).sum();
    double reach = T[count - 2] * Math.sqrt(squares / (count - 1) / count);
    return Optional.of(new Interval(mean - reach, mean + reach));
  }

  /** Mean, interval and each value; without mean where a value is no number. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (Double.isFinite(value())) {
      json.put("value", value());
      interval().ifPresent(it -> json.put("low", it.low()).put("high", it.high()));
    }
    ArrayNode values = json.putArray("each");
    each.stream().filter(Double::isFinite).forEach(values::add);
    return json;
  }
}
