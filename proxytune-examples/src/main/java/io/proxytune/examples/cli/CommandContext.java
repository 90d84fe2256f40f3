package io.proxytune.examples.cli;

/** What a command works with. */
public interface CommandContext {
  /** Where it reads and writes. */
  Terminal terminal();

  /** What loads models. */
  Engine engine();

  /** What ends it early. */
  Cancellation cancellation();
}
