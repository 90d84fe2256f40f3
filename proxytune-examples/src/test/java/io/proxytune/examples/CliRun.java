package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * What one run of the command line left behind.
 *
 * @param status the exit status
 * @param out standard output
 * @param err standard error
 */
public record CliRun(int status, String out, String err) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  public static CliRun of(Engine engine, String... args) {
    return of(engine, new Cancellation(Thread.currentThread()), "", false, args);
  }

  public static CliRun of(
      Engine engine, Cancellation cancellation, String in, boolean interactive, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(in.getBytes(UTF_8)),
            new PrintStream(out, false, UTF_8),
            new PrintStream(err, false, UTF_8),
            interactive);
    int status = new App(terminal, engine, cancellation).run(args);
    return new CliRun(status, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** Runs a server, and ends it as Ctrl-C does once the visitor is back from its address. */
  public static CliRun serving(Engine engine, Consumer<URI> visitor, String... args) {
    Cancellation cancellation = new Cancellation(Thread.currentThread());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    PrintStream announcing =
        new PrintStream(out, false, UTF_8) {
          @Override
          public void println(String line) {
            super.println(line);
            Thread visit = new Thread(() -> visit(line, visitor, failure, cancellation));
            visit.setDaemon(true);
            visit.start();
          }
        };
    Terminal terminal =
        new Terminal(
            InputStream.nullInputStream(), announcing, new PrintStream(err, false, UTF_8), false);
    int status = new App(terminal, engine, cancellation).run(args);
    if (failure.get() != null) {
      throw new AssertionError("the visitor failed", failure.get());
    }
    return new CliRun(status, out.toString(UTF_8), err.toString(UTF_8));
  }

  private static void visit(
      String line,
      Consumer<URI> visitor,
      AtomicReference<Throwable> failure,
      Cancellation cancellation) {
    try {
      visitor.accept(URI.create(line.replaceFirst("^serving at ", "")));
    } catch (Throwable e) {
      failure.set(e);
    } finally {
      cancellation.cancel();
    }
  }

  /** Standard output, which must hold one JSON value and nothing else. */
  public JsonNode json() {
    try {
      return JSON.readTree(out);
    } catch (JsonProcessingException e) {
      throw new AssertionError(
          "standard output is no JSON: " + out + "; standard error: " + err, e);
    }
  }
}
