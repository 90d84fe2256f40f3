package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Sampler;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.lifetime.Garbage;
import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams that nobody closes give their memory back. */
@Tag("slow")
@Timeout(120)
class ForgottenStreamTest extends FakeTrio {
  @AfterEach
  void theTunerStillWorks() {
    List<Integer> ids = tuner.generate(PROMPT, OPTIONS).tokenIds();
    assertThat(ids).hasSize(8);
    fixture.assertNothingOpen();
    tuner.close();
  }

  private boolean nothingIsOpen() {
    return base.open() + expert.open() + antiExpert.open() + fixture.math.open() == 0;
  }

  private void readOneToken(GenerationOptions options) {
    for (Token token : tuner.stream(PROMPT, options)) {
      assertThat(token.index()).isZero();
      break;
    }
  }

  private void awaitNothingOpen() {
    Garbage.collectUntil("everything is freed", this::nothingIsOpen);
  }

  @Test
  void aStreamThatIsLeftAfterOneTokenIsFreedWithOneLine() {
    List<String> lines =
        Garbage.linesDuring(
            () -> {
              readOneToken(OPTIONS);
              assertThat(base.open()).isPositive();
              awaitNothingOpen();
            });
    assertThat(lines)
        .singleElement()
        .asString()
        .contains("a token stream was dropped")
        .contains("WARN");
  }

  @Test
  void soAreManyAndTheLinesAreFew() {
    List<String> lines =
        Garbage.linesDuring(
            () -> {
              for (int i = 0; i < 200; i++) {
                readOneToken(OPTIONS);
              }
              awaitNothingOpen();
            });
    assertThat(lines).hasSizeBetween(1, 30);
  }

  @Test
  void whatWasClosedOrReadToItsEndIsNotSpokenOf() {
    List<String> lines =
        Garbage.linesDuring(
            () -> {
              tuner.stream(PROMPT, OPTIONS).forEach(token -> {});
              tuner.stream(PROMPT, OPTIONS).close();
              TokenStream cancelled = tuner.stream(PROMPT, OPTIONS);
              cancelled.iterator().next();
              cancelled.cancel();
              Garbage.collect();
            });
    assertThat(lines).isEmpty();
  }

  @Test
  void cancellingFreesAtOnceWhenNobodyReads() {
    TokenStream stream = tuner.stream(PROMPT, OPTIONS);
    stream.iterator().next();
    assertThat(base.open()).isPositive();
    stream.cancel();

    fixture.assertNothingOpen();
    assertThat(stream.iterator().hasNext()).isFalse();
    assertThat(stream.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(stream.result().tokenIds()).hasSize(1);
  }

  @Test
  void aStreamInUseIsNotTakenForGarbage() {
    base.beforePass(pass -> collectAt(2, pass));
    // No variable holds either of them.
    assertThat(tuner.stream(PROMPT, OPTIONS).result().finishReason())
        .isEqualTo(FinishReason.MAX_NEW_TOKENS);
    int read = 0;
    for (Iterator<Token> tokens = tuner.stream(PROMPT, OPTIONS).iterator(); tokens.hasNext(); ) {
      tokens.next();
      read++;
    }
    assertThat(read).isEqualTo(8);
    base.beforePass(pass -> {});
  }

  private static void collectAt(int wanted, int pass) {
    if (pass % 8 == wanted) {
      Garbage.collect();
    }
  }

  /** What a request holds of the application may hold the stream. */
  @Test
  void aStreamThatItsOwnSamplerKnowsIsFreed() {
    AtomicReference<WeakReference<TokenStream>> dropped = new AtomicReference<>();
    dropped.set(readWithSamplerThatKnowsIt());
    awaitNothingOpen();
    Garbage.collectUntil("the stream is gone", () -> dropped.get().get() == null);
  }

  private WeakReference<TokenStream> readWithSamplerThatKnowsIt() {
    AtomicReference<TokenStream> own = new AtomicReference<>();
    Sampler.Custom sampler = (logits, context) -> own.get() == null ? 0 : 2;
    GenerationOptions options =
        OPTIONS
            .withSampler(sampler)
            .withProcessors(List.of((logits, context) -> assertThat(own.get()).isNotNull()));
    own.set(tuner.stream(PROMPT, options));
    Garbage.collect();
    assertThat(own.get().iterator().next().id()).isEqualTo(2);
    return new WeakReference<>(own.get());
  }

  @Test
  void aTunerThatIsDroppedIsGoneAndItsStreamsGoOn() {
    AtomicReference<WeakReference<Object>> dropped = new AtomicReference<>();
    TokenStream stream = streamOfADroppedTuner(dropped);
    Garbage.collectUntil("the tuner is gone", () -> dropped.get().get() == null);
    assertThat(stream.result().tokenIds()).hasSize(8);
  }

  private TokenStream streamOfADroppedTuner(AtomicReference<WeakReference<Object>> dropped) {
    DefaultProxyTuner other = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
    dropped.set(new WeakReference<>(other));
    return other.stream(PROMPT, OPTIONS);
  }

  @Test
  void theThreadsOfATunerThatIsDroppedEndAndFinishWhatTheyWereAskedFor() throws Exception {
    CompletableFuture<Thread> worker = new CompletableFuture<>();
    CompletableFuture<Generation> text = textOfADroppedTuner(worker);
    worker.get(30, TimeUnit.SECONDS);
    assertThat(text.get(30, TimeUnit.SECONDS).tokenIds()).hasSize(8);
    // Much sooner than an idle one.
    Garbage.collectUntil("its thread has ended", () -> !worker.join().isAlive());
  }

  private CompletableFuture<Generation> textOfADroppedTuner(CompletableFuture<Thread> worker) {
    base.beforePass(
        pass -> {
          if (Thread.currentThread().getName().startsWith("proxytune-async")) {
            worker.complete(Thread.currentThread());
            collectAt(4, pass);
          }
        });
    DefaultProxyTuner other = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
    return other.generateAsync(PROMPT, OPTIONS);
  }
}
