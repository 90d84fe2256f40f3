package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a request computes is computed on a thread that was set up, and it is undone. */
class ThreadSetupTest {
  private static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(4);
  private static final Prompt PROMPT = Prompt.ofIds(5, 6);

  private final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);
  private final AtomicInteger passes = new AtomicInteger();
  private final TunerFixture fixture = new TunerFixture().setup(this::enter);
  private final FakeModel base = FakeModel.hashed("base", 1);

  private ThreadSetup.Undo enter() {
    Thread entered = Thread.currentThread();
    depth.set(depth.get() + 1);
    return () -> {
      assertThat(Thread.currentThread()).isSameAs(entered);
      depth.set(depth.get() - 1);
    };
  }

  @BeforeEach
  void modelsWantTheSetup() {
    base.beforePass(
        pass -> {
          passes.incrementAndGet();
          assertThat(depth.get()).isEqualTo(1);
        });
  }

  @AfterEach
  void theSetupIsUndone() {
    assertThat(passes.get()).isPositive();
    assertThat(depth.get()).isZero();
    fixture.assertNothingOpen();
  }

  @Test
  void textsAndScores() {
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      tuner.generate(PROMPT, OPTIONS);
      tuner.generateMany(PROMPT, 2, OPTIONS);
      tuner.generateAll(List.of(PROMPT, Prompt.ofIds(7)), OPTIONS);
      tuner.score(PROMPT, "ab");
      tuner.choose(PROMPT, List.of("a", "b"));
    }
  }

  @Test
  void aStreamIsSetUpOnlyWhileItIsRead() throws Exception {
    try (DefaultProxyTuner tuner = fixture.tuner(base);
        TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      Iterator<?> tokens = stream.iterator();
      tokens.next();
      assertThat(depth.get()).isZero();
      Thread other = new Thread(tokens::next);
      other.start();
      other.join();
      tokens.next();
      assertThat(depth.get()).isZero();
      assertThat(passes.get()).isEqualTo(3);
    }
  }

  @Test
  void anAsynchronousText() throws Exception {
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      tuner.generateAsync(PROMPT, OPTIONS).get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void aFailedText() {
    base.beforePass(
        pass -> {
          passes.incrementAndGet();
          throw new IllegalStateException("a model's own");
        });
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      assertThatThrownBy(() -> tuner.generate(PROMPT, OPTIONS)).hasMessageContaining("own");
      assertThatThrownBy(() -> tuner.generateMany(PROMPT, 2, OPTIONS)).hasMessageContaining("own");
      assertThatThrownBy(() -> tuner.score(PROMPT, "ab")).hasMessageContaining("own");
    }
  }
}
