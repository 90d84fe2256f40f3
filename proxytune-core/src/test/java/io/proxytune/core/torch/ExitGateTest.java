package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Processes that are told to end in the midst of work. */
@Tag("slow")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process can't be told to end there")
class ExitGateTest {
  private static final int ENDED_BY_SIGTERM = 128 + 15;

  @Test
  void workComesToItsEndAndNoOtherBegins() throws Exception {
    assertThat(saidWhenToldToEnd(1500)).containsExactly("begin", "end");
  }

  @Test
  void hooksOfTheApplicationHaveWorkDone() throws Exception {
    List<String> said = saidWhenToldToEnd(300, "hook");
    assertThat(said).containsOnlyOnce("came to an end");
    assertThat(said.stream().filter("end"::equals)).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void workIsHeldUpForAWhileOnly() throws Exception {
    ExitGate gate = new ExitGate(Duration.ofMinutes(1), Duration.ofMillis(200));
    gate.close();
    long start = System.nanoTime();
    assertThat(gate.pass(() -> "done")).isEqualTo("done");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(100));
  }

  @Test
  void workThatNeverEndsIsNotWaitedForForEver() throws Exception {
    ExitGate gate = new ExitGate(Duration.ofMillis(10), Duration.ofMillis(1));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    CompletableFuture<Boolean> work =
        CompletableFuture.supplyAsync(() -> gate.pass(() -> await(begun, over)));
    assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
    CompletableFuture.runAsync(gate::close).get(1, TimeUnit.MINUTES);
    assertThat(work).isNotDone();
    over.countDown();
    assertThat(work.get(1, TimeUnit.MINUTES)).isTrue();
  }

  private static boolean await(CountDownLatch begun, CountDownLatch over) {
    begun.countDown();
    try {
      return over.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> saidWhenToldToEnd(Object... arguments)
      throws IOException, InterruptedException {
    List<String> options = List.of("-XX:TieredStopAtLevel=1", "-Xmx64m");
    Process process = ChildJvm.of(ExitProgram.class, options, arguments).start();
    List<String> said = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      said.add(lines.readLine());
      process.toHandle().destroy(); // unlike the process, leaves what it says open
      lines.lines().forEach(said::add);
    }
    assertThat(ChildJvm.end(process)).as(said.toString()).isEqualTo(ENDED_BY_SIGTERM);
    return said;
  }
}
