package io.proxytune.examples.tasks.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/**
 * Runs Python programs that nobody has read: each in user, network, mount, process, IPC and host
 * namespaces of its own, with a file system that holds the system's programs read-only and an empty
 * {@code /tmp} of 16 MiB, no network, no capability, 512 MiB of memory a process, 8 processes, and
 * {@code python3 -I -S}. At its deadline the first process of the namespace is killed, and the
 * kernel kills all others with it. Needs Linux and util-linux, and a kernel that lets the user make
 * namespaces; elsewhere programs are not run at all.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class PythonSandbox implements CodeRunner {
  private static final Duration TO_START = Duration.ofSeconds(30);

  /**
   * Says when the program begins, and that it came to its end, which it can't know the word for.
   */
  private static final String DRIVER =
      """
      import os, sys
      word = sys.stdin.buffer.readline()
      program = sys.stdin.buffer.read().decode()
      write = os.write
      write(1, b"ready\\n")
      exec(compile(program, "program", "exec"), {})
      sys.stdout.flush()
      write(1, word)
      """;

  private final Path root;
  private final List<String> command;
  private final Duration limit;
  private final SecureRandom random = new SecureRandom();

  private PythonSandbox(Path root, List<String> command, Duration limit) {
    this.root = root;
    this.command = command;
    this.limit = limit;
  }

  /**
   * A sandbox that was tried, or one that refuses and says why.
   *
   * @param limit how long a program may run, above zero
   */
  public static CodeRunner open(Duration limit) {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return CodeRunner.refusing("the sandbox needs Linux");
    }
    try {
      PythonHome python = PythonHome.find();
      Path root = Files.createTempDirectory("proxytune-sandbox");
      List<String> program = List.of(python.executable(), "-I", "-S", "-c", DRIVER);
      List<String> command =
          SandboxScript.command(isAdministrator(), root.toString(), python.folders(), program);
      PythonSandbox sandbox = new PythonSandbox(root, command, limit);
      Result tried = sandbox.run("assert sum([1, 2]) == 3");
      if (tried.outcome() == Outcome.PASSED) {
        return sandbox;
      }
      sandbox.close();
      return CodeRunner.refusing("no sandbox can be made here: " + tried.detail());
    } catch (IOException e) {
      return CodeRunner.refusing("no sandbox can be made here: " + e.getMessage());
    }
  }

  private static boolean isAdministrator() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  @Override
  public Optional<String> refusal() {
    return Optional.empty();
  }

  @Override
  public Result run(String program) {
    byte[] word = new byte[16];
    random.nextBytes(word);
    String end = HexFormat.of().formatHex(word);
    try {
      Process process = start();
      try (Tail out = Tail.of(process.getInputStream());
          Tail err = Tail.of(process.getErrorStream())) {
        try {
          send(process, end + "\n" + program);
          return result(process, out, err, end);
        } finally {
          kill(process); // before its pipes are closed, which a reader may wait in
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the sandbox can't be started: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().clear(); // it may hold keys
    builder.environment().put("PATH", SandboxScript.PATH);
    return builder.start();
  }

  private static void send(Process process, String text) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(text.getBytes(UTF_8));
    } catch (IOException e) {
      // It ended before it read all; its exit status says so.
    }
  }

  private Result result(Process process, Tail out, Tail err, String end)
      throws InterruptedException {
    if (!out.awaitBegin(TO_START)) {
      return failed(process, err, "it did not begin within " + TO_START.toSeconds() + " s");
    }
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      return new Result(Outcome.TIMED_OUT, "timed out after " + limit.toMillis() / 1000.0 + " s");
    }
    boolean whole = process.exitValue() == 0 && out.text().endsWith(end + "\n");
    return whole
        ? new Result(Outcome.PASSED, "")
        : failed(process, err, "it ended before its last line");
  }

  private static Result failed(Process process, Tail err, String otherwise)
      throws InterruptedException {
    boolean ended = process.waitFor(1, TimeUnit.SECONDS);
    String said = err.text().strip();
    String line = said.substring(said.lastIndexOf('\n') + 1);
    boolean killed = ended && process.exitValue() > 128;
    String why = killed ? "killed by signal " + (process.exitValue() - 128) : otherwise;
    return new Result(Outcome.FAILED, line.isEmpty() ? why : line);
  }

  /** The first process of the namespace dies with its parent, and all others with it. */
  private static void kill(Process process) {
    List<ProcessHandle> inside = new ArrayList<>(process.descendants().toList());
    process.destroyForcibly();
    inside.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(root);
    } catch (IOException e) {
      throw new UncheckedIOException(root + " can't be removed: " + e.getMessage(), e);
    }
  }
}
