package io.proxytune.examples.runtime;

import java.util.List;

/**
 * All times of one setting: immutable.
 *
 * @param setting what was timed
 * @param systems what decoded
 * @param times of each system, in their order
 */
public record RuntimeResult(
    RuntimeSetting setting, List<RuntimeSystem> systems, List<RuntimeTimes> times) {
  public RuntimeResult {
    systems = List.copyOf(systems);
    times = List.copyOf(times);
  }
}
