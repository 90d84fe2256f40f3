package io.proxytune.examples.study;

import io.proxytune.examples.report.Table;
import java.util.List;

/**
 * What follows from measured values, and from nothing else: immutable.
 *
 * @param answer one or two sentences with figures
 * @param tables the figures
 */
public record Conclusion(String answer, List<Table> tables) {
  public Conclusion {
    tables = List.copyOf(tables);
  }
}
