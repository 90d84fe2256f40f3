package io.proxytune.examples.measure;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A program that scores answers: it reads a JSON object a line and writes one for each, {@code
 * {"score": 0.5}} or {@code {"right": true}}. It is started when it is first asked, and again where
 * it ended after an answer. For one thread.
 */
public final class ScoringCommand implements AutoCloseable {
  private static final int LONGEST_LINE = 1 << 20;

  private final List<String> command;
  private final Duration limit;
  private final ExecutorService talking =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "proxytune-scoring-command");
            thread.setDaemon(true);
            return thread;
          });
  private @Nullable Running running;

  /** A process with what it writes. */
  private record Running(Process process, BufferedReader out) {}

  /**
   * Names a program, which is not started yet.
   *
   * @param command the program and its arguments; no shell reads them
   * @param limit the time that it has for an answer
   */
  public ScoringCommand(List<String> command, Duration limit) {
    this.command = List.copyOf(command);
    this.limit = limit;
  }

  /**
   * Has it score an answer.
   *
   * @return from 0 to 1
   * @throws IllegalArgumentException if it does not, saying why
   */
  double score(ObjectNode request) {
    Running program = start();
    Future<String> answer = talking.submit(() -> ask(program, request + "\n"));
    try {
      return score(answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      end();
      throw problem(
          "it gave no line within %s seconds: it must answer each line as it comes, and flush"
              .formatted(limit.toMillis() / 1000.0),
          e);
    } catch (ExecutionException e) {
      end();
      throw problem(String.valueOf(e.getCause().getMessage()), e);
    } catch (InterruptedException e) {
      end();
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private Running start() {
    if (running == null || !running.process.isAlive()) {
      end();
      try {
        Process process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        running =
            new Running(
                process,
                new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)));
      } catch (IOException e) {
        throw problem("it can't be started: " + e.getMessage(), e);
      }
    }
    return running;
  }

  private static String ask(Running program, String line) throws IOException {
    if (program.out.ready()) {
      throw new IOException("it wrote more than one line for an answer");
    }
    OutputStream in = program.process.getOutputStream();
    in.write(line.getBytes(UTF_8));
    in.flush();
    StringBuilder answer = new StringBuilder();
    for (int next = program.out.read(); next != '\n'; next = program.out.read()) {
      if (next < 0 && answer.isEmpty()) {
        throw new IOException("it ended without an answer");
      } else if (next < 0) {
        break;
      } else if (answer.length() == LONGEST_LINE) {
        throw new IOException("its answer is longer than a million characters");
      }
      answer.append((char) next);
    }
    return answer.toString();
  }

  private double score(String line) {
    try {
      JsonNode json = JsonText.parse(line);
      if (json.path("right").isBoolean() && !json.has("score")) {
        return json.path("right").booleanValue() ? 1 : 0;
      }
      JsonNode score = json.path("score");
      if (score.isNumber() && score.doubleValue() >= 0 && score.doubleValue() <= 1) {
        return score.doubleValue();
      }
    } catch (InvalidJsonException e) {
      throw problem("it answered what is no JSON, " + e.getMessage(), e);
    }
    throw problem(
        "expected {\"score\": from 0 to 1} or {\"right\": true or false}, got "
            + JsonText.cut(line),
        null);
  }

  private IllegalArgumentException problem(String what, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "--check-command " + String.join(" ", command) + ": " + what, cause);
  }

  private void end() {
    if (running != null) {
      running.process.descendants().forEach(ProcessHandle::destroyForcibly);
      running.process.destroyForcibly();
      running = null;
    }
  }

  /** Ends the program. */
  @Override
  public void close() {
    end();
    talking.shutdownNow();
  }
}
