package io.proxytune.core.lifetime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LifetimeTest {
  private final AtomicInteger freed = new AtomicInteger();
  private final Lifetime lifetime = new Lifetime("a thing", freed::incrementAndGet);

  @Test
  void freesOnceHoweverOftenItIsClosed() {
    lifetime.close();
    lifetime.close();
    assertThat(freed).hasValue(1);
  }

  @Test
  void freesWhenTheLastUserLeaves() {
    lifetime.enter();
    lifetime.enter();
    lifetime.close();
    lifetime.leave();
    assertThat(freed).hasValue(0);
    lifetime.leave();
    assertThat(freed).hasValue(1);
    lifetime.close();
    assertThat(freed).hasValue(1);
  }

  @Test
  void leavingAnOpenOneFreesNothing() {
    lifetime.enter();
    lifetime.leave();
    assertThat(freed).hasValue(0);
    lifetime.enterAlone();
    lifetime.leave();
    assertThat(freed).hasValue(0);
  }

  @Test
  void refusesEveryUseAfterCloseByName() {
    lifetime.check();
    lifetime.close();
    for (Runnable use :
        Stream.<Runnable>of(lifetime::enter, lifetime::enterAlone, lifetime::check).toList()) {
      assertThatIllegalStateException().isThrownBy(use::run).withMessage("a thing is closed");
    }
  }

  @Test
  void refusesAnotherUserWhereOneIsAlone() {
    lifetime.enterAlone();
    assertThatIllegalStateException()
        .isThrownBy(lifetime::enterAlone)
        .withMessage("a thing is in use by another thread: a session belongs to one at a time");
    lifetime.leave();
    lifetime.enterAlone();
  }

  @Test
  void neverFreesUnderAnyOfManyThreads() throws Exception {
    for (int round = 0; round < 50; round++) {
      runRound();
    }
  }

  private static void runRound() throws Exception {
    int threads = 8;
    AtomicBoolean usable = new AtomicBoolean(true);
    AtomicInteger frees = new AtomicInteger();
    Lifetime shared =
        new Lifetime(
            "a thing",
            () -> {
              usable.set(false);
              frees.incrementAndGet();
            });
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CountDownLatch start = new CountDownLatch(1);
    try {
      var users =
          IntStream.range(0, threads)
              .<Future<Boolean>>mapToObj(
                  i -> pool.submit(() -> useUntilClosed(shared, usable, start)))
              .toList();
      start.countDown();
      shared.close();
      for (Future<Boolean> user : users) {
        assertThat(user.get()).as("never entered after it was freed").isTrue();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(frees).hasValue(1);
  }

  private static boolean useUntilClosed(Lifetime shared, AtomicBoolean usable, CountDownLatch start)
      throws InterruptedException {
    start.await();
    boolean alwaysUsable = true;
    while (true) {
      try {
        shared.enter();
      } catch (IllegalStateException closed) {
        return alwaysUsable;
      }
      alwaysUsable &= usable.get();
      Thread.onSpinWait();
      alwaysUsable &= usable.get();
      shared.leave();
    }
  }
}
