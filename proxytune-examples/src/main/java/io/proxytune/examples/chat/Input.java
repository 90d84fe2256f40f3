package io.proxytune.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.examples.cli.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Reads what is typed: a line, lines that end in a backslash with those that follow, or a block
 * between lines of three quotes. For one thread.
 */
final class Input {
  private static final String QUOTES = "\"\"\"";

  private final Terminal terminal;
  private final BufferedReader reader;

  Input(Terminal terminal) {
    this.terminal = terminal;
    this.reader = new BufferedReader(new InputStreamReader(terminal.in(), UTF_8));
  }

  /** What is typed next; nothing at the end. */
  Optional<String> next() {
    Optional<String> first = line("> ");
    if (first.isEmpty()) {
      return first;
    }
    return first.get().strip().equals(QUOTES)
        ? Optional.of(block())
        : Optional.of(lines(first.get()));
  }

  private String lines(String first) {
    StringBuilder text = new StringBuilder();
    String line = first;
    while (line.endsWith("\\")) {
      text.append(line, 0, line.length() - 1).append('\n');
      line = line("… ").orElse("");
    }
    return text.append(line).toString();
  }

  private String block() {
    StringBuilder text = new StringBuilder();
    Optional<String> line = line("… ");
    while (line.isPresent() && !line.get().strip().equals(QUOTES)) {
      text.append(text.isEmpty() ? "" : "\n").append(line.get());
      line = line("… ");
    }
    return text.toString();
  }

  private Optional<String> line(String prompt) {
    if (terminal.interactive()) {
      terminal.out().print(prompt);
      terminal.out().flush();
    }
    try {
      return Optional.ofNullable(reader.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException("standard input can't be read", e);
    }
  }
}
