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
import java.io.PrintStream;

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
