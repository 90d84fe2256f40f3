package io.proxytune.examples.tasks.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.examples.tasks.sandbox.CodeRunner.Outcome;
import io.proxytune.examples.tasks.sandbox.CodeRunner.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that mean no good. Skipped where namespaces are not to be had. */
@Tag("slow")
class PythonSandboxTest {
  private static CodeRunner sandbox = CodeRunner.refusing("not opened");

  @BeforeAll
  static void open() {
    sandbox = PythonSandbox.open(Duration.ofSeconds(2));
    assumeTrue(sandbox.refusal().isEmpty(), () -> sandbox.refusal().orElse(""));
  }

  @AfterAll
  static void close() {
    sandbox.close();
  }

  @Test
  void aProgramThatRunsToItsEndPasses() {
    assertThat(sandbox.run("import math, re, typing\nassert math.gcd(12, 18) == 6").outcome())
        .isEqualTo(Outcome.PASSED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import sys\nsys.exit(0)",
        "import os\nos._exit(0)",
        "raise SystemExit",
        "quit()",
        "import os\nos.write(1, b'0' * 32 + b'\\n')\nos._exit(0)"
      })
  void whoLeavesEarlyFails(String program) {
    assertThat(sandbox.run(program).outcome()).isEqualTo(Outcome.FAILED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"assert False, 'wrong'", "def f(:", "1 / 0", "input()", "import numpy as np"})
  void anExceptionFailsWithItsLine(String program) {
    Result result = sandbox.run(program);
    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.detail()).containsPattern("Error|wrong");
  }

  @Test
  void anEndlessLoopIsKilled() {
    long begin = System.nanoTime();
    Result result = sandbox.run("while True: pass");
    assertThat(result.outcome()).isEqualTo(Outcome.TIMED_OUT);
    assertThat(result.detail()).isEqualTo("timed out after 2.0 s");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
  }

  /** Both that the bomb does not go off, and that nothing of it is left. */
  @Test
  void aForkBombComesToNothing() throws Exception {
    String program =
        """
        import os, time
        for i in range(10000):
            try:
                if os.fork() == 0:
                    time.sleep(3600.125)
            except OSError:
                break
        assert i < 8, i
        time.sleep(3600)
        """;
    assertThat(sandbox.run(program).outcome()).isEqualTo(Outcome.TIMED_OUT);
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!left().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(left()).isEmpty();
  }

  private static List<ProcessHandle> left() {
    return ProcessHandle.current()
        .descendants()
        .filter(it -> it.info().commandLine().orElse("").contains("sys.stdin.buffer"))
        .toList();
  }

  @Test
  void nothingOutsideItsFolderCanBeWritten(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("mine"), "as it was");
    folder.toFile().setWritable(true, false);
    file.toFile().setWritable(true, false);
    for (String target : List.of(file.toString(), "/usr/x", "/etc/x", "/x", "/dev/x", "/bin/x")) {
      assertThat(sandbox.run("open('" + target + "', 'w').write('x')").outcome())
          .as(target)
          .isEqualTo(Outcome.FAILED);
    }
    assertThat(file).hasContent("as it was");
    assertThat(sandbox.run("open('note', 'w').write('x'); assert open('note').read() == 'x'"))
        .isEqualTo(new Result(Outcome.PASSED, ""));
    assertThat(sandbox.run("open('note')").detail()).contains("No such file");
  }

  @Test
  void nothingOfTheUserCanBeRead(@TempDir Path folder) throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "key");
    for (String target : List.of(secret.toString(), "/etc/passwd", "/proc/1/environ", "/var")) {
      assertThat(sandbox.run("import os; os.stat('" + target + "')").detail())
          .as(target)
          .contains("No such file");
    }
    String environment = "import os; assert set(os.environ) <= {'PATH', 'HOME', 'LC_ALL'}";
    assertThat(sandbox.run(environment)).isEqualTo(new Result(Outcome.PASSED, ""));
  }

  @Test
  void aFileThatIsTooLargeEnds() {
    String program =
        """
        with open('large', 'wb') as f:
            for i in range(64):
                f.write(bytes(1 << 20))
        """;
    assertThat(sandbox.run(program).outcome()).isEqualTo(Outcome.FAILED);
  }

  @Test
  void thereIsNoNetwork() throws Exception {
    try (java.net.ServerSocket server =
        new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      String program =
          "import socket; socket.create_connection(('127.0.0.1', "
              + server.getLocalPort()
              + "), 1)";
      Result result = sandbox.run(program);
      assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
      assertThat(result.detail()).containsIgnoringCase("unreachable");
    }
  }

  @Test
  void memoryIsLimited() {
    Result result = sandbox.run("a = bytearray(1 << 30)");
    assertThat(result).isEqualTo(new Result(Outcome.FAILED, "MemoryError"));
  }

  /** Memory of the kernel's that no limit of a process counts. */
  @Test
  void nothingIsHoardedOutsideAProcess() {
    String shared =
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.shmget(0, ctypes.c_size_t(1 << 20), 0o1600) == -1, "a segment"
        """;
    assertThat(sandbox.run(shared)).isEqualTo(new Result(Outcome.PASSED, ""));
    String anonymous =
        """
        import os
        total = 0
        try:
            while True:
                file = os.memfd_create("m")
                try:
                    while True:
                        total += os.write(file, bytes(1 << 20))
                except OSError:
                    pass
        except OSError:
            pass
        assert total <= 128 << 20, total
        """;
    assertThat(sandbox.run(anonymous).detail()).isIn("", "killed by signal 25");
  }

  @Test
  void aFloodOfOutputFillsNothing() {
    Result result = sandbox.run("import os\nwhile True: os.write(1, b'x' * 65536)");
    assertThat(result.outcome()).isEqualTo(Outcome.TIMED_OUT);
  }

  /** Through /usr/bin, where the sandbox has programs to run. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "unshare --map-root-user true",
        "mount -t tmpfs tmpfs /tmp",
        "mount -o remount,rw /usr",
        "chroot /tmp"
      })
  void itGetsNoMoreThanItHas(String command) {
    String program =
        "import os, subprocess\nassert subprocess.run(%s).returncode == 0"
            .formatted(
                List.of(command.split(" ", -1)).stream().map(word -> "'" + word + "'").toList());
    assertThat(sandbox.run(program).outcome()).as(command).isNotEqualTo(Outcome.PASSED);
  }

  @Test
  void whoRefusesRunsNothing() {
    CodeRunner none = CodeRunner.refusing("no namespaces");
    assertThat(none.refusal()).contains("no namespaces");
    assertThatThrownBy(() -> none.run("pass"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("code is not run: no namespaces");
  }
}
