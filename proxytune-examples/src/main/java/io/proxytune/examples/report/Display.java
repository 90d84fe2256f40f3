package io.proxytune.examples.report;

import io.proxytune.examples.cli.Terminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * What standard output can show: immutable.
 *
 * @param width the columns, at least {@link #NARROWEST}
 * @param styled whether it understands escape sequences and the user wants them
 */
public record Display(int width, boolean styled) {
  static final int NARROWEST = 20;
  private static final int USUAL = 80;

  /** What a terminal is now. */
  public static Display of(Terminal terminal) {
    return of(System.getenv(), terminal.interactive());
  }

  /** {@code NO_COLOR} asks for plain text (no-color.org), though no colour is used here. */
  static Display of(Map<String, String> environment, boolean interactive) {
    String kind = environment.getOrDefault("TERM", "dumb");
    boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty();
    int width =
        columns(environment.getOrDefault("COLUMNS", ""))
            .orElseGet(() -> interactive ? askTerminal().orElse(USUAL) : USUAL);
    return new Display(Math.max(NARROWEST, width), interactive && !kind.equals("dumb") && !plain);
  }

  private static OptionalInt columns(String text) {
    return text.matches("[1-9][0-9]{0,3}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  /** The JVM does not tell; {@code stty} knows where there is one. */
  private static OptionalInt askTerminal() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      stty.waitFor(1, TimeUnit.SECONDS);
      return columns(size.strip().replaceFirst("^\\d+ ", ""));
    } catch (IOException noStty) {
      return OptionalInt.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }
}
