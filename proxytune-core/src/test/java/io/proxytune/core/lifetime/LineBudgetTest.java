package io.proxytune.core.lifetime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineBudgetTest {
  private final AtomicLong clock = new AtomicLong(42);
  private final LineBudget lines = new LineBudget(clock::get);

  private void takeAllAtOnce() {
    for (int i = 0; i < LineBudget.AT_ONCE; i++) {
      assertThat(lines.take()).isZero();
    }
  }

  @Test
  void whatGoesUnsaidIsCountedInTheNextLine() {
    takeAllAtOnce();
    for (int i = 0; i < 7; i++) {
      assertThat(lines.take()).isNegative();
    }
    clock.addAndGet(LineBudget.NANOS_A_LINE - 1);
    assertThat(lines.take()).isNegative();
    clock.incrementAndGet();
    assertThat(lines.take()).isEqualTo(8);
    assertThat(lines.take()).isNegative();
  }

  @Test
  void aQuietTimeMakesRoomForSoManyAndNoMore() {
    takeAllAtOnce();
    clock.addAndGet(1000 * LineBudget.NANOS_A_LINE);
    takeAllAtOnce();
    assertThat(lines.take()).isNegative();
  }
}
