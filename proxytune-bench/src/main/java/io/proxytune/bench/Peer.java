package io.proxytune.bench;

import io.proxytune.core.torch.TorchRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Another library in a process of its own, which runs the same models on command. For one thread.
 */
final class Peer implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final Writer commands;

  /**
   * Starts one.
   *
   * @param command its program and what it is given
   */
  Peer(List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(TorchRuntime.threads()));
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    answers = process.inputReader(StandardCharsets.UTF_8);
    commands = process.outputWriter(StandardCharsets.UTF_8);
    String greeting = read();
    if (greeting == null || !greeting.equals("ready")) {
      close();
      throw new IllegalStateException(
          "a peer does not start (its reason is above): run setup.sh first: " + command);
    }
  }

  /** Does something. Gives the milliseconds that the peer took for it. */
  double milliseconds(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("a peer ended before \"" + command + "\"", e);
    }
    String answer = read();
    if (answer == null || answer.startsWith("error")) {
      throw new IllegalStateException("a peer could not \"" + command + "\": " + answer);
    }
    return Double.parseDouble(answer);
  }

  private @Nullable String read() {
    try {
      return answers.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      commands.close(); // it ends at the end of its input
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
