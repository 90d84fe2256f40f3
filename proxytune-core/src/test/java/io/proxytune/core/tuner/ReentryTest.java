package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Sampler;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is called while a text decodes may ask for anything: it works, or is refused at once. */
@Timeout(60)
class ReentryTest {
  private static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(6);
  private static final Prompt PROMPT = Prompt.ofIds(5, 6);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1);
  private final DefaultProxyTuner tuner = fixture.tuner(base);
  private final List<Integer> alone = tuner.generate(PROMPT, OPTIONS).tokenIds();

  /** Who calls. */
  enum Caller {
    SAMPLER,
    PROCESSOR,
    MODEL
  }

  private static int argmax(float[] row) {
    int best = 0;
    for (int id = 0; id < row.length; id++) {
      best = row[id] > row[best] ? id : best;
    }
    return best;
  }

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  /** A call in the midst of the second token, once. */
  private GenerationOptions options(Caller caller, Runnable call) {
    int[] calls = {0};
    Runnable once =
        () -> {
          if (calls[0]++ == 1) {
            call.run();
          }
        };
    return switch (caller) {
      case SAMPLER -> OPTIONS.withSampler(sampler(once));
      case PROCESSOR -> OPTIONS.withProcessors(List.of((logits, context) -> once.run()));
      case MODEL -> {
        base.beforePass(pass -> once.run());
        yield OPTIONS;
      }
    };
  }

  private static Sampler.Custom sampler(Runnable call) {
    return (logits, context) -> {
      call.run();
      return argmax(logits);
    };
  }

  private TokenStream streamCalling(Caller caller, Consumer<TokenStream> call) {
    AtomicReference<TokenStream> own = new AtomicReference<>();
    own.set(tuner.stream(PROMPT, options(caller, () -> call.accept(own.get()))));
    return own.get();
  }

  private static void assertRefused(Supplier<?> call) {
    assertThatIllegalStateException()
        .isThrownBy(call::get)
        .withMessageContaining("is being read by this very call")
        .withMessageContaining("may cancel or close it, but not read it");
  }

  @ParameterizedTest
  @EnumSource
  void readingTheOwnStreamIsRefused(Caller caller) {
    Runnable[] refused = {() -> {}};
    try (TokenStream stream =
        streamCalling(
            caller,
            own -> {
              assertRefused(() -> own.iterator().hasNext());
              assertRefused(() -> own.iterator().next());
              assertRefused(own::result);
              refused[0] = null;
            })) {
      assertThat(stream.result().tokenIds()).isEqualTo(alone);
    }
    assertThat(refused[0]).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void closingTheOwnStreamAndAskingForItsResultEnds(Caller caller) {
    try (TokenStream stream =
        streamCalling(
            caller,
            own -> {
              own.close();
              assertRefused(own::result);
            })) {
      Generation text = stream.result();
      assertThat(text.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(text.tokenIds()).isEqualTo(alone.subList(0, 2));
      fixture.assertNothingOpen();
    }
  }

  @ParameterizedTest
  @EnumSource
  void closingTheOwnStreamAndLettingTheExceptionOutFailsTheRequest(Caller caller) {
    try (TokenStream stream =
        streamCalling(
            caller,
            own -> {
              own.close();
              own.result();
            })) {
      assertThatIllegalStateException()
          .isThrownBy(stream::result)
          .withMessageContaining("by this very call");
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancellingTheOwnStreamEndsItAfterTheToken(Caller caller) {
    try (TokenStream stream = streamCalling(caller, TokenStream::cancel)) {
      assertThat(stream.result().tokenIds()).isEqualTo(alone.subList(0, 2));
    }
  }

  /** The other thread must not wait: the first may be waiting for it. */
  @ParameterizedTest
  @EnumSource
  void readingByAnotherThreadThatTheCallerWaitsForIsRefused(Caller caller) {
    try (TokenStream stream =
        streamCalling(
            caller,
            own ->
                CompletableFuture.runAsync(
                        () -> {
                          own.close();
                          assertThatIllegalStateException()
                              .isThrownBy(own::result)
                              .withMessageContaining("read by another thread");
                        })
                    .join())) {
      assertThat(stream.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theTunerMayBeClosed(Caller caller) {
    GenerationOptions options = options(caller, tuner::close);
    assertThatIllegalStateException()
        .isThrownBy(() -> tuner.generate(PROMPT, options))
        .withMessageContaining("closed while generating");
  }

  @ParameterizedTest
  @EnumSource
  void theModelMayBeClosed(Caller caller) {
    GenerationOptions options = options(caller, base::close);
    assertThatIllegalStateException()
        .isThrownBy(() -> tuner.generate(PROMPT, options))
        .withMessageContaining("'base' is closed");
  }

  @ParameterizedTest
  @EnumSource
  void anotherTextMayBeGenerated(Caller caller) {
    Runnable nested =
        () -> {
          assertThat(tuner.generate(PROMPT, OPTIONS).tokenIds()).isEqualTo(alone);
          assertThat(tuner.generateMany(PROMPT, 2, OPTIONS)).hasSize(2);
          assertThat(tuner.score(PROMPT, "ab").tokens()).hasSize(2);
          try (TokenStream left = tuner.stream(PROMPT, OPTIONS)) {
            left.iterator().next();
          }
        };
    GenerationOptions options = options(caller, nested);
    assertThat(tuner.generate(PROMPT, options).tokenIds()).isEqualTo(alone);
    GenerationOptions many = options(caller, nested);
    assertThat(tuner.generateMany(PROMPT, 2, many)).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void anAsynchronousRequestMayWaitForAnotherOfTheSameTuner(Caller caller) throws Exception {
    Runnable nested =
        () -> assertThat(tuner.generateAsync(PROMPT, OPTIONS).join().tokenIds()).isEqualTo(alone);
    CompletableFuture<Generation> outer = tuner.generateAsync(PROMPT, options(caller, nested));
    assertThat(outer.get(30, TimeUnit.SECONDS).tokenIds()).isEqualTo(alone);
    GenerationOptions again = options(caller, nested);
    assertThat(tuner.generate(PROMPT, again).tokenIds()).isEqualTo(alone);
    tuner.close();
  }

  @ParameterizedTest
  @EnumSource
  void anAsynchronousRequestCantWaitForItself(Caller caller) throws Exception {
    CompletableFuture<CompletableFuture<Generation>> own = new CompletableFuture<>();
    Runnable waiting =
        () -> {
          assertThatIllegalStateException()
              .isThrownBy(() -> own.join().join())
              .withMessageContaining("being decoded by this very call");
          assertThatThrownBy(() -> own.join().get()).isInstanceOf(IllegalStateException.class);
          assertThatThrownBy(() -> own.join().get(1, TimeUnit.HOURS))
              .isInstanceOf(IllegalStateException.class);
        };
    own.complete(tuner.generateAsync(PROMPT, options(caller, waiting)));
    assertThat(own.join().get(30, TimeUnit.SECONDS).tokenIds()).isEqualTo(alone);
    tuner.close();
  }

  /**
   * Each begins where the one before has ended, and not inside of it. None ends before the next is
   * chained to it: else the caller itself would go on, inside, as a completed future has it.
   */
  @Test
  void aChainOfAsynchronousRequestsDoesNotNest() throws Exception {
    AtomicInteger deepest = new AtomicInteger();
    chain(300, deepest).get(30, TimeUnit.SECONDS);
    assertThat(deepest.get()).isBetween(1, 200);
    tuner.close();
  }

  private CompletableFuture<Generation> chain(int left, AtomicInteger deepest) {
    int depth = new Throwable().getStackTrace().length;
    deepest.accumulateAndGet(depth, Math::max);
    Semaphore chained = new Semaphore(0);
    GenerationOptions waiting =
        OPTIONS
            .withMaxNewTokens(1)
            .withProcessors(List.of((logits, context) -> chained.acquireUninterruptibly()));
    CompletableFuture<Generation> next = tuner.generateAsync(PROMPT, waiting);
    CompletableFuture<Generation> rest =
        left == 0 ? next : next.thenCompose(text -> chain(left - 1, deepest));
    chained.release();
    return rest;
  }

  @Test
  void aListenerMayReadTheRestOfItsStream() {
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      int[] seen = {0};
      stream.forEach(
          token -> {
            seen[0]++;
            assertThat(stream.result().tokenIds()).isEqualTo(alone);
          });
      assertThat(seen[0]).isEqualTo(6);
    }
  }

  @Test
  void aListenerMayCloseItsStream() {
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      int[] seen = {0};
      stream.forEach(
          token -> {
            seen[0]++;
            stream.close();
          });
      assertThat(seen[0]).isEqualTo(1);
      assertThat(stream.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }
  }
}
