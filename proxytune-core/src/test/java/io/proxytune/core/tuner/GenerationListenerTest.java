package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ContextLengthException;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationRequest;
import io.proxytune.Prompt;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What listeners are told of requests, and when. */
class GenerationListenerTest {
  private static final GenerationOptions THREE = GenerationOptions.defaults().withMaxNewTokens(3);
  private static final Prompt PROMPT = Prompt.ofIds(5, 6, 7);

  private final Notes notes = new Notes();
  private final TunerFixture fixture = new TunerFixture().listener(notes);
  private final FakeModel base = FakeModel.hashed("base", 1);
  private final DefaultProxyTuner tuner = fixture.tuner(base);

  /** Writes down all that it is told. */
  private static final class Notes implements GenerationListener {
    final List<String> all = new CopyOnWriteArrayList<>();
    final CountDownLatch ended = new CountDownLatch(1);
    volatile List<Generation> texts = List.of();
    volatile Duration elapsed = Duration.ZERO;

    private void note(String event, GenerationRequest request) {
      all.add(event + " " + request.number());
    }

    @Override
    public void started(GenerationRequest request) {
      note("started", request);
      assertThat(request.model()).isEqualTo("base");
    }

    @Override
    public void firstToken(GenerationRequest request, Duration elapsed) {
      note("first", request);
    }

    @Override
    public void finished(GenerationRequest request, List<Generation> texts, Duration elapsed) {
      this.texts = texts;
      this.elapsed = elapsed;
      note("finished " + texts.get(0).finishReason(), request);
      ended.countDown();
    }

    @Override
    public void failed(GenerationRequest request, Throwable cause, Duration elapsed) {
      note("failed " + cause.getClass().getSimpleName(), request);
      ended.countDown();
    }
  }

  @Test
  void aTextIsToldOfFromItsStartToItsEnd() {
    base.beforePass(pass -> fixture.clock.addAndGet(1_000_000));
    Generation text = tuner.generate(PROMPT, THREE);
    assertThat(notes.all).containsExactly("started 0", "first 0", "finished MAX_NEW_TOKENS 0");
    assertThat(notes.texts).containsExactly(text);
    assertThat(notes.elapsed).isGreaterThanOrEqualTo(text.stats().timeToFirstToken()).isPositive();
    tuner.generate(PROMPT, THREE);
    assertThat(notes.all).hasSize(6).endsWith("finished MAX_NEW_TOKENS 1");
  }

  @Test
  void theFirstTokenIsToldOfWhenItIsThere() {
    try (TokenStream stream = tuner.stream(PROMPT, THREE)) {
      assertThat(notes.all).containsExactly("started 0");
      stream.iterator().next();
      assertThat(notes.all).containsExactly("started 0", "first 0");
      stream.iterator().next();
      assertThat(notes.all).hasSize(2);
    }
    assertThat(notes.all).hasSize(3).endsWith("finished CANCELLED 0");
    assertThat(notes.texts.get(0).tokens()).hasSize(2);
  }

  @Test
  void whatIsNeverReadIsToldOfWhenItIsClosed() {
    TokenStream stream = tuner.stream(PROMPT, THREE);
    stream.close();
    stream.close();
    assertThat(notes.all).containsExactly("started 0", "finished CANCELLED 0");
    assertThat(notes.texts.get(0).tokens()).isEmpty();
  }

  @Test
  void severalTextsAreOneRequest() {
    List<Generation> two = tuner.generateMany(PROMPT, 2, THREE);
    assertThat(notes.all).containsExactly("started 0", "first 0", "finished MAX_NEW_TOKENS 0");
    assertThat(notes.texts).isEqualTo(two);
    List<Generation> three = tuner.generateAll(List.of(PROMPT, PROMPT, PROMPT), THREE);
    assertThat(notes.all).hasSize(6).endsWith("first 1", "finished MAX_NEW_TOKENS 1");
    assertThat(notes.texts).isEqualTo(three);
  }

  @Test
  void aTextThatEndsBeforeItsFirstTokenHasNone() {
    TunerFixture slow = new TunerFixture().prefillChunk(1).listener(notes);
    FakeModel model = FakeModel.hashed("base", 1);
    model.beforePass(pass -> slow.clock.addAndGet(2_000_000_000));
    DefaultProxyTuner late = slow.tuner(model);
    GenerationOptions oneSecond = THREE.withTimeLimit(Duration.ofSeconds(1));
    assertThat(late.generateMany(PROMPT, 2, oneSecond).get(0).tokens()).isEmpty();
    assertThat(late.generate(PROMPT, oneSecond).tokens()).isEmpty();
    assertThat(notes.all)
        .containsExactly("started 0", "finished DEADLINE 0", "started 1", "finished DEADLINE 1");
  }

  @Test
  void anAsynchronousTextIsToldOfToo() throws Exception {
    Generation text = tuner.generateAsync(PROMPT, THREE).get();
    assertThat(notes.ended.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(notes.texts).containsExactly(text);
  }

  @Test
  void aRefusedRequestHasFailed() {
    Prompt tooLong = Prompt.ofIds(IntStream.range(0, 200).map(i -> 5).toArray());
    assertThatThrownBy(() -> tuner.stream(tooLong, THREE))
        .isInstanceOf(ContextLengthException.class);
    assertThatThrownBy(() -> tuner.generateMany(tooLong, 2, THREE))
        .isInstanceOf(ContextLengthException.class);
    assertThat(notes.all)
        .containsExactly(
            "started 0",
            "failed ContextLengthException 0",
            "started 1",
            "failed ContextLengthException 1");
  }

  @Test
  void aFailingModelIsToldOfOnce() {
    base.beforePass(
        pass -> {
          if (pass == 2) {
            throw new IllegalCallerException("broken");
          }
        });
    TokenStream stream = tuner.stream(PROMPT, THREE);
    assertThatThrownBy(stream::result).isInstanceOf(IllegalCallerException.class);
    assertThatThrownBy(stream::result).isInstanceOf(IllegalCallerException.class);
    stream.close();
    assertThat(notes.all)
        .containsExactly("started 0", "first 0", "failed IllegalCallerException 0");
  }

  @Test
  void aClosedTunerEndsWhatIsUnderWay() {
    TokenStream stream = tuner.stream(PROMPT, THREE);
    stream.iterator().next();
    tuner.close();
    assertThat(notes.all).containsExactly("started 0", "first 0", "failed IllegalStateException 0");
  }

  /** A listener that fails, cancels or asks for more breaks nothing. */
  @Test
  void listenersThatMisbehaveAreLeftAlone() {
    Notes last = new Notes();
    TunerFixture other =
        new TunerFixture()
            .listener(
                new GenerationListener() {
                  @Override
                  public void started(GenerationRequest request) {
                    throw new AssertionError("started");
                  }

                  @Override
                  public void firstToken(GenerationRequest request, Duration elapsed) {
                    throw new IllegalStateException("first");
                  }

                  @Override
                  public void finished(
                      GenerationRequest request, List<Generation> texts, Duration elapsed) {
                    throw new IllegalStateException("finished");
                  }
                })
            .listener(last);
    DefaultProxyTuner patient = other.tuner(FakeModel.hashed("base", 1));
    Generation text = patient.generate(PROMPT, THREE);
    assertThat(text.tokenIds()).isEqualTo(tuner.generate(PROMPT, THREE).tokenIds());
    assertThat(last.all).containsExactly("started 0", "first 0", "finished MAX_NEW_TOKENS 0");
    other.assertNothingOpen();
  }

  @Test
  void scoringIsNotToldOf() {
    double unused = tuner.score(Prompt.of("a cat"), " sat").total();
    assertThat(notes.all).isEmpty();
  }

  @Test
  void aListenerMayCancelTheText() {
    TokenStream[] stream = new TokenStream[1];
    TunerFixture other =
        new TunerFixture()
            .listener(
                new GenerationListener() {
                  @Override
                  public void firstToken(GenerationRequest request, Duration elapsed) {
                    stream[0].cancel();
                  }
                });
    stream[0] = other.tuner(FakeModel.hashed("base", 1)).stream(PROMPT, THREE);
    assertThat(stream[0].result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(stream[0].result().tokens()).hasSize(1);
    other.assertNothingOpen();
  }
}
