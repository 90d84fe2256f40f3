package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.Sampler;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DecodeStreamTest extends FakeTrio {
  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private void assertTunerWorks() {
    assertThat(tuner.generate(PROMPT, OPTIONS).tokenIds()).hasSize(8);
  }

  @Test
  void nothingRunsBeforeTheFirstTokenIsAskedFor() {
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      assertThat(base.passes()).isEmpty();
      assertThat(base.sessionsMade()).isZero();

      stream.iterator().next();
      assertThat(base.passes()).hasSize(1);
    }
  }

  @Test
  void eachTokenIsOneStepAndTheLastNeedsNoneMore() {
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      int read = 0;
      for (Token token : stream) {
        assertThat(token.index()).isEqualTo(read++);
        assertThat(base.passes()).hasSize(read);
      }
      assertThat(read).isEqualTo(8);
      assertThat(base.open()).as("freed with the last token").isZero();
    }
  }

  @Test
  void streamAndGenerateAgree() {
    Generation whole = tuner.generate(PROMPT, OPTIONS);
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      Iterator<Token> iterator = stream.iterator();
      iterator.next();
      Generation rest = stream.result();

      assertThat(rest.tokenIds()).isEqualTo(whole.tokenIds());
      assertThat(rest.text()).isEqualTo(whole.text());
      assertThat(iterator).toIterable().as("tokens not read yet").hasSize(7);
      assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
      assertThat(stream.result()).isEqualTo(rest);
      assertThat(stream.iterator()).isSameAs(iterator);
    }
  }

  @Test
  void cancelEndsBeforeTheNextToken() {
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      stream.iterator().next();
      stream.cancel();

      assertThat(stream.iterator().hasNext()).isFalse();
      assertThat(stream.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(stream.result().tokenIds()).hasSize(1);
      assertThat(base.passes()).hasSize(1);
    }
    assertTunerWorks();
  }

  @Test
  void cancelledBeforeItBeganNothingRuns() {
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      stream.cancel();

      assertThat(stream.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(stream.result().stats().timeToFirstToken()).isZero();
      assertThat(base.sessionsMade()).isZero();
    }
  }

  @Test
  void closingEarlyFreesTheSessionsAndCountsAsCancelled() {
    TokenStream stream = tuner.stream(PROMPT, OPTIONS);
    stream.iterator().next();
    assertThat(base.open()).isPositive();
    stream.close();
    stream.close();

    fixture.assertNothingOpen();
    assertThat(stream.iterator().hasNext()).isFalse();
    assertThat(stream.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
  }

  @Test
  void closingByAnotherThreadWhileReadingEndsAfterTheStep() throws Exception {
    CountDownLatch inStep = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    base.beforePass(pass -> meet(inStep, goOn));
    TokenStream stream = tuner.stream(PROMPT, OPTIONS);
    CompletableFuture<Token> reader = CompletableFuture.supplyAsync(() -> stream.iterator().next());
    assertThat(inStep.await(30, TimeUnit.SECONDS)).isTrue();

    stream.close();
    goOn.countDown();

    assertThat(reader.get(30, TimeUnit.SECONDS)).isNotNull();
    fixture.assertNothingOpen();
    assertThat(stream.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
  }

  private static void meet(CountDownLatch here, CountDownLatch goOn) {
    here.countDown();
    try {
      assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void secondReaderIsRefusedAndTheFirstGoesOn() throws Exception {
    CountDownLatch inStep = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    base.beforePass(pass -> meet(inStep, goOn));
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      CompletableFuture<Generation> reader = CompletableFuture.supplyAsync(stream::result);
      assertThat(inStep.await(30, TimeUnit.SECONDS)).isTrue();

      assertThatThrownBy(() -> stream.iterator().hasNext())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("one thread reads a stream");
      goOn.countDown();
      assertThat(reader.get(30, TimeUnit.SECONDS).tokenIds()).hasSize(8);
    }
  }

  @Test
  void interruptEndsTheTextAndStaysSet() {
    base.beforePass(
        pass -> {
          if (pass == 2) {
            Thread.currentThread().interrupt();
          }
        });
    Generation generation = tuner.generate(PROMPT, OPTIONS);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(generation.tokenIds()).hasSize(3);
  }

  @Test
  void heldBackTextOfACancelledStreamIsInTheResult() {
    int[] ids = FakeTokenizer.LETTERS.encode("ab.", false);
    DefaultProxyTuner talker = fixture.tuner(FakeModel.saying(2, ids));
    try (TokenStream stream = talker.stream(PROMPT, OPTIONS.withStopStrings(".bc"))) {
      Iterator<Token> tokens = stream.iterator();
      tokens.next();
      tokens.next();
      assertThat(tokens.next().text()).isEmpty();
      stream.cancel();

      assertThat(stream.result().text()).isEqualTo("ab.");
    }
  }

  @Test
  void closingTheTunerFreesIdleStreamsAndEndsThemWithAnException() {
    TokenStream idle = tuner.stream(PROMPT, OPTIONS);
    TokenStream finished = tuner.stream(PROMPT, OPTIONS);
    Generation result = finished.result();
    idle.iterator().next();
    tuner.close();
    tuner.close();

    fixture.assertNothingOpen();
    assertThatThrownBy(() -> idle.iterator().hasNext())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed while generating");
    assertThatThrownBy(idle::result).isInstanceOf(IllegalStateException.class);
    assertThat(finished.result()).isEqualTo(result);
    idle.close();
    finished.close();
  }

  @Test
  void closingTheTunerEndsARunningRequestAtItsNextStep() {
    base.beforePass(
        pass -> {
          if (pass == 2) {
            tuner.close();
          }
        });

    assertThatThrownBy(() -> tuner.generate(PROMPT, OPTIONS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed while generating");
    assertThat(base.passes()).hasSize(3);
  }

  @Test
  void closingTheTunerDuringAStepOfAnotherThreadFreesItsStream() throws Exception {
    CountDownLatch inStep = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    base.beforePass(pass -> meet(inStep, goOn));
    TokenStream stream = tuner.stream(PROMPT, OPTIONS);
    CompletableFuture<Token> reader = CompletableFuture.supplyAsync(() -> stream.iterator().next());
    assertThat(inStep.await(30, TimeUnit.SECONDS)).isTrue();

    tuner.close();
    goOn.countDown();

    assertThat(reader.get(30, TimeUnit.SECONDS)).isNotNull();
    fixture.assertNothingOpen();
    assertThatThrownBy(stream::result).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void everythingIsRefusedAfterClose() {
    tuner.close();

    assertThatThrownBy(() -> tuner.stream(PROMPT, OPTIONS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("this tuner is closed");
    assertThatThrownBy(() -> tuner.generate(PROMPT, OPTIONS))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> tuner.generateMany(PROMPT, 2, OPTIONS))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> tuner.score(PROMPT, "a")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void samplerThatUsesItsOwnStreamIsRefused() {
    AtomicReference<TokenStream> own = new AtomicReference<>();
    Sampler.Custom sampler = (logits, context) -> own.get().iterator().hasNext() ? 1 : 2;
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS.withSampler(sampler))) {
      own.set(stream);

      assertThatThrownBy(stream::result)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is being read");
    }
    assertTunerWorks();
  }

  @Test
  void listenerGetsEveryTokenBeforeTheNextStep() {
    StringBuilder text = new StringBuilder();
    Generation generation =
        tuner.generate(
            PROMPT,
            OPTIONS,
            token -> {
              text.append(token.text());
              assertThat(base.passes()).hasSize(token.index() + 1);
            });

    assertThat(text.toString()).isEqualTo(generation.text());
  }

  @Test
  void listenerMayCloseTheTuner() {
    assertThatThrownBy(() -> tuner.generate(PROMPT, OPTIONS, token -> tuner.close()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed while generating");
  }
}
