package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * In processes of their own: OpenMP and OpenBLAS look at their environment once, and other tests
 * set what these begin with.
 */
@Tag("slow")
class ThreadSettingsTest {
  @TempDir Path temp;

  @BeforeEach
  void gnuOpenMp() {
    assumeTrue(Loader.getPlatform().startsWith("linux"), "needs GNU's OpenMP");
  }

  @Test
  void threadsWaitForAShortTimeAndOpenBlasKeepsToOneWhilePassesRun() throws Exception {
    assertThat(run(Map.of("OPENBLAS_NUM_THREADS", "2")))
        .contains(WaitingThreads.VARIABLE + " = '" + WaitingThreads.COUNT + "'");
    int most = Math.min(2, Runtime.getRuntime().availableProcessors());
    assertThat(Files.readAllLines(temp.resolve("threads")))
        .containsExactly("" + most, "1", "" + most);
  }

  @Test
  void whatTheEnvironmentSaysGoesBefore() throws Exception {
    assertThat(run(Map.of(WaitingThreads.VARIABLE, "77")))
        .contains(WaitingThreads.VARIABLE + " = '77'");
  }

  @Test
  void aPolicyOfTheUsersIsLeftAlone() {
    assertThat(WaitingThreads.wanted(Map.of("OMP_WAIT_POLICY", "active"))).isFalse();
    assertThat(WaitingThreads.wanted(Map.of("OMP_NUM_THREADS", "2"))).isTrue();
  }

  /** What OpenMP says of its settings. */
  private String run(Map<String, String> environment) throws IOException, InterruptedException {
    List<String> options = List.of("-XX:TieredStopAtLevel=1", "-Xmx64m");
    ProcessBuilder program =
        ChildJvm.of(ThreadSettingsProgram.class, options, temp.resolve("threads"));
    program.environment().keySet().removeAll(List.of(WaitingThreads.VARIABLE, "OMP_WAIT_POLICY"));
    program.environment().put("OMP_DISPLAY_ENV", "verbose");
    program.environment().putAll(environment);
    return ChildJvm.run(program, temp.resolve("log"));
  }
}
