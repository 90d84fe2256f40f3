package io.proxytune.core.calls;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What came of random calls.
 *
 * @param counts how many calls came out in which way, by a name of the way
 * @param violations what is not documented; empty if all is well
 */
public record CallOutcome(Map<String, Integer> counts, ConcurrentLinkedQueue<String> violations) {
  static CallOutcome empty() {
    return new CallOutcome(new ConcurrentHashMap<>(), new ConcurrentLinkedQueue<>());
  }

  void count(String way) {
    counts.merge(way, 1, Integer::sum);
  }

  void violation(String what) {
    violations.add(what);
  }

  void add(CallOutcome other) {
    other.counts.forEach((way, count) -> counts.merge(way, count, Integer::sum));
    violations.addAll(other.violations);
  }

  int calls() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  @Override
  public String toString() {
    return calls() + " calls: " + new TreeMap<>(counts) + ", violations: " + violations;
  }
}
