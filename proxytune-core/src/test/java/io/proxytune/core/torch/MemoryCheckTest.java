package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.proxytune.DeviceException;
import io.proxytune.core.lifetime.SpareMemory;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
  private static final long GB = 1_000_000_000;

  @Test
  void lessFreeThanNeededIsRefusedWithFiguresAndSwitches() {
    MemoryCheck check = new MemoryCheck(OptionalLong.of(3 * GB), 0, 0);
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> check.requireFree("llama-13b", 26 * GB))
        .withMessageContaining("llama-13b does not fit: its weights need 26.00 GB and 3.00 GB")
        .withMessageContaining("LoadOptions.withDType; --dtype")
        .withMessageContaining("LoadOptions.withQuantization; --quantize")
        .withMessageContaining("LoadOptions.withMemoryCheck(false); --no-memory-check");
  }

  @Test
  void whatJustFitsPassesAndSoDoesWhatNoOneKnows() {
    assertThatNoException()
        .isThrownBy(() -> new MemoryCheck(OptionalLong.of(GB), 0, 0).requireFree("m", GB));
    assertThatNoException()
        .isThrownBy(
            () -> new MemoryCheck(OptionalLong.empty(), 0, 0).requireFree("m", Long.MAX_VALUE));
  }

  @Test
  void javaCppsLimitIsNamedWithItsSwitch() {
    MemoryCheck check = new MemoryCheck(OptionalLong.of(100 * GB), GB, 2 * GB);
    assertThatNoException().isThrownBy(() -> check.requireUnderJavaCppLimit("m", GB));
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> check.requireUnderJavaCppLimit("llama-1b", GB + 1))
        .withMessageContaining("llama-1b does not fit under JavaCPP's limit")
        .withMessageContaining(
            "its weights need 1.00 GB, the process uses 1.00 GB, and the limit is 2.00 GB")
        .withMessageContaining("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
  }

  @Test
  void noJavaCppLimitRefusesNothing() {
    assertThatNoException()
        .isThrownBy(
            () ->
                new MemoryCheck(OptionalLong.empty(), GB, 0)
                    .requireUnderJavaCppLimit("m", 100 * GB));
  }

  @Test
  void aCacheThatDoesNotFitIsRefusedWithFiguresAndSwitches() {
    MemoryCheck check = new MemoryCheck(OptionalLong.of(3 * GB), 0, 0);
    assertThatNoException().isThrownBy(() -> check.requireFreeForCache("m", 4096, 3 * GB));
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> check.requireFreeForCache("llama-13b", 4096, 4 * GB))
        .withMessageContaining("llama-13b: the KV cache of a sequence of 4096 tokens needs 4.00 GB")
        .withMessageContaining("3.00 GB of memory is free")
        .withMessageContaining("--max-new-tokens");
  }

  @Test
  void whatIsOnlyHeldToBeFasterIsGivenBackBeforeSomethingIsRefused() {
    MemoryCheck check = new MemoryCheck(OptionalLong.of(GB), 0, 0);
    AtomicInteger asked = new AtomicInteger();
    SpareMemory.Holder holder = () -> asked.incrementAndGet() == 1;
    SpareMemory.add(holder);
    try {
      assertThat(check.toUse(GB)).isSameAs(check);
      assertThat(asked).hasValue(0);
      assertThat(check.toUse(GB + 1)).as("figures of now").isNotSameAs(check);
      assertThat(check.toUse(GB + 1)).as("nothing was left").isSameAs(check);
      assertThat(asked).hasValue(2);
    } finally {
      SpareMemory.remove(holder);
    }
  }

  @Test
  void thisMachineHasFigures() {
    MemoryCheck now = MemoryCheck.now();
    now.freeBytes().ifPresent(free -> assertThat(free).isPositive());
    assertThat(now.javaCppLimit()).isNotNegative();
  }
}
