package io.proxytune.examples;

import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.examples.tasks.Ask;
import java.util.function.Function;

/**
 * Who answers: immutable. Closing it leaves the models open.
 *
 * @param name such as {@code steered}
 * @param tuner what generates
 * @param prompt what is read of an item
 */
record TaskSystem(String name, ProxyTuner tuner, Function<Ask, Prompt> prompt)
    implements AutoCloseable {
  @Override
  public void close() {
    tuner.close();
  }
}
