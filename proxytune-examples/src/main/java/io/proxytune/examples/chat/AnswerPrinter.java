package io.proxytune.examples.chat;

import io.proxytune.core.chat.AnswerPart;
import io.proxytune.examples.cli.Terminal;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * Writes an answer as it comes, and what the model thinks before it apart: marked, and dimmed where
 * a terminal can. For one thread.
 */
final class AnswerPrinter {
  static final String MARK = "[thinks] ";

  private static final String DIM = "\u001B[2m";
  private static final String RESET = "\u001B[0m";

  private final PrintStream out;
  private final boolean shows;
  private final boolean dims;
  private boolean thinking;

  /**
   * Begins an answer.
   *
   * @param terminal where it is written
   * @param showsThoughts whether thoughts are
   */
  AnswerPrinter(Terminal terminal, boolean showsThoughts) {
    this.out = terminal.out();
    this.shows = showsThoughts;
    this.dims = terminal.interactive() && dims(System.getenv());
  }

  /** Whether a terminal knows how to dim: the variables that tell are those of Unix. */
  static boolean dims(Map<String, String> environment) {
    return !environment.getOrDefault("TERM", "dumb").equals("dumb")
        && environment.getOrDefault("NO_COLOR", "").isEmpty();
  }

  void print(List<AnswerPart> parts) {
    for (AnswerPart part : parts) {
      if (!part.reasoning().isEmpty()) {
        think(part.reasoning());
      } else {
        endThoughts();
        out.print(part.text());
      }
    }
    out.flush();
  }

  private void think(String text) {
    if (shows) {
      out.print(thinking ? text : (dims ? DIM : "") + MARK + text);
      thinking = true;
    }
  }

  /** Ends thoughts that are open, so that what comes next begins a line as it always looks. */
  void endThoughts() {
    if (thinking) {
      out.println(dims ? RESET : "");
      thinking = false;
    }
  }
}
