package io.proxytune.examples.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.Terminal;
import io.proxytune.examples.cli.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In which forms a command reports. */
public final class ResultOptions {
  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write one HTML page with tables and charts; it needs no network.")
  private @Nullable Path html;

  @Option(names = "--quiet", description = "Show no progress.")
  private boolean quiet;

  /** Whether progress is of no interest. */
  public boolean quiet() {
    return quiet || json;
  }

  /** Refuses a file that can't be written, before the work begins. */
  public void check() {
    if (html != null) {
      Path folder = html.toAbsolutePath().getParent();
      Usage.check(
          folder != null && Files.isDirectory(folder) && !Files.isDirectory(html),
          "--html %s can't be written: it must name a file in a folder that exists",
          html);
    }
  }

  /** Prints the report, and writes the page where one was asked for. */
  public void write(Terminal terminal, Report report, ObjectNode object) {
    if (html != null) {
      writePage(html, report, object);
    }
    print(terminal, report, object);
  }

  private void print(Terminal terminal, Report report, ObjectNode object) {
    if (json) {
      terminal.out().println(object);
    } else {
      TextWriter.lines(report, Display.of(terminal).width()).forEach(terminal.out()::println);
    }
  }

  /**
   * The same, with what the result was made with in the object, and at the end of the page.
   *
   * @param run it becomes the object's {@code run}
   */
  public void write(Terminal terminal, Report report, ObjectNode object, RunRecord run) {
    object.set("run", run.json());
    if (html != null) {
      Report page = report.copy();
      run.addTo(page);
      writePage(html, page, object);
    }
    print(terminal, report, object);
  }

  private static void writePage(Path file, Report report, ObjectNode object) {
    try {
      Files.writeString(file, HtmlWriter.page(report, object));
    } catch (IOException e) {
      throw new UncheckedIOException("--html " + file + " can't be written: " + e.getMessage(), e);
    }
  }
}
