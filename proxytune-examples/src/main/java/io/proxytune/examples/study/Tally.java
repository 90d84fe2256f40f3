package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Quantities of one system, seed by seed. For one thread. */
final class Tally {
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  /** Adds what the next seed gave. */
  void add(String name, double value) {
    values.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
  }

  double mean(String name) {
    return new SeedMean(values.getOrDefault(name, List.of())).value();
  }

  /**
   * Puts the mean of each into JSON.
   *
   * @param whole the names of those that are put with their interval and each seed's value
   */
  void putMeans(ObjectNode json, String... whole) {
    values.forEach(
        (name, each) -> {
          SeedMean mean = new SeedMean(each);
          if (Set.of(whole).contains(name)) {
            json.set(name, mean.json());
          } else if (Double.isFinite(mean.value())) {
            json.put(name, mean.value());
          }
        });
  }
}
