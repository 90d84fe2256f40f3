package io.proxytune.examples.tasks.judge;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A command that reads a question a line, as JSON, and writes a verdict a line, {@code {"verdict":
 * 0.9}}. It is started once and runs until all is judged, so that it may load a model. It is the
 * user's own program, and runs as the user. For one thread.
 */
public final class CommandJudge implements Judge {
  private static final int MOST_LINES = 16;
  private static final Duration TO_END = Duration.ofSeconds(5);

  private final String command;
  private final Duration limit;
  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(MOST_LINES);
  private boolean overdue;

  private CommandJudge(String command, Duration limit, Process process) {
    this.command = command;
    this.limit = limit;
    this.process = process;
  }

  /**
   * Starts a command.
   *
   * @param command for {@code sh -c}
   * @param limit how long a verdict may take, above zero
   * @throws JudgeException if it can't be started
   */
  public static CommandJudge start(String command, Duration limit) {
    try {
      Process process =
          new ProcessBuilder(List.of("sh", "-c", command))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      CommandJudge judge = new CommandJudge(command, limit, process);
      Thread reader = new Thread(judge::read, "proxytune-judge");
      reader.setDaemon(true);
      reader.start();
      return judge;
    } catch (IOException e) {
      throw new JudgeException("the judge can't be started: " + e.getMessage(), e);
    }
  }

  /** Puts an empty line behind the last one. */
  private void read() {
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (!line.isBlank()) {
          lines.put(line);
        }
      }
      lines.put("");
    } catch (IOException e) {
      boolean unused = lines.offer("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String name() {
    return "the command " + command;
  }

  @Override
  public OptionalDouble verdict(JudgeQuestion question) {
    write(JsonOutput.compact(question.json()) + "\n", question);
    String line = next(question);
    try {
      JsonNode verdict = JsonText.parse(line).path("verdict");
      if (verdict.isNumber()) {
        return OptionalDouble.of(
            JudgeException.checked(verdict.doubleValue(), "the judge", question));
      }
    } catch (InvalidJsonException e) {
      throw refused(question, line, e);
    }
    throw refused(question, line, null);
  }

  private static JudgeException refused(
      JudgeQuestion question, String line, @Nullable Throwable cause) {
    return new JudgeException(
        "the judge must write {\"verdict\": NUMBER} in a line, got "
            + JsonText.cut(line)
            + " on "
            + question.id(),
        cause);
  }

  private void write(String line, JudgeQuestion question) {
    try {
      OutputStream in = process.getOutputStream();
      in.write(line.getBytes(UTF_8));
      in.flush();
    } catch (IOException e) {
      throw ended(question, e);
    }
  }

  private String next(JudgeQuestion question) {
    try {
      String line = lines.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) {
        overdue = true;
        throw new JudgeException(
            "the judge took more than "
                + limit.toMillis() / 1000.0
                + " s for "
                + question.id()
                + ": give it longer with --judge-time-limit",
            null);
      }
      if (line.isEmpty()) {
        throw ended(question, null);
      }
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private static JudgeException ended(JudgeQuestion question, @Nullable Throwable cause) {
    return new JudgeException(
        "the judge ended before its verdict on " + question.id() + ": see what it wrote above",
        cause);
  }

  /** Ends the command: it is told that nothing follows, and killed where it goes on. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It has ended already.
    }
    try {
      if (!overdue && process.waitFor(TO_END.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
