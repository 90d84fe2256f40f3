package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuneException;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.DelegatingModel;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.sampling.ReferenceLogitMath;
import io.proxytune.model.LogitModel;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import io.proxytune.spi.TunerSpec;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A base whose passes run somewhere else, beside experts that run here. */
class ElsewhereTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(3).withIgnoreEndOfText(true);

  private final List<String> events = new CopyOnWriteArrayList<>();
  private final FakeModel expert =
      FakeModel.hashed("expert", 2).beforePass(i -> events.add("expert"));
  private final FakeModel antiExpert =
      FakeModel.hashed("anti", 3).beforePass(i -> events.add("anti"));
  private final Far far = new Far(FakeModel.hashed("base", 1));

  /** Whether what is far gives its rows, called while they are waited for. */
  private volatile Predicate<BooleanSupplier> comes = givenUp -> true;

  private DefaultProxyTuner tuner(LogitModel base) {
    TunerSpec spec =
        TunerSpec.builder()
            .base(base)
            .pairs(List.of(new ExpertPair(expert, antiExpert, 1)))
            .build();
    return new DefaultProxyTuner(
        spec, new ReferenceLogitMath(), ThreadSetup.NONE, System::nanoTime);
  }

  @Test
  void beginsFirstAndIsWaitedForLast() {
    try (DefaultProxyTuner here = tuner(FakeModel.hashed("base", 1));
        DefaultProxyTuner there = tuner(far)) {
      List<Integer> right = here.generate(Prompt.of("abc"), OPTIONS).tokenIds();
      events.clear();
      assertThat(there.generate(Prompt.of("abc"), OPTIONS).tokenIds()).isEqualTo(right);
    }
    assertThat(events)
        .containsExactly(
            "begin", "expert", "anti", "await", "close", "begin", "expert", "anti", "await",
            "close", "begin", "expert", "anti", "await", "close");
    assertThat(far.inner.open()).isZero();
  }

  @Test
  void aCancelledTextGivesUpWhatIsUnderWay() {
    AtomicReference<TokenStream> stream = new AtomicReference<>();
    comes =
        givenUp -> {
          assertThat(givenUp.getAsBoolean()).isFalse();
          stream.get().cancel();
          return !givenUp.getAsBoolean();
        };
    try (DefaultProxyTuner tuner = tuner(far)) {
      stream.set(tuner.stream(Prompt.of("abc"), OPTIONS));
      Generation text = stream.get().result();
      assertThat(text.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(text.tokenIds()).isEmpty();
    }
    assertThat(events).endsWith("await", "close");
    assertThat(expert.open() + antiExpert.open() + far.inner.open()).isZero();
  }

  @Test
  void anInterruptedScoreGivesUpWhatIsUnderWay() {
    comes =
        givenUp -> {
          Thread.currentThread().interrupt();
          return !givenUp.getAsBoolean();
        };
    try (DefaultProxyTuner tuner = tuner(far)) {
      assertThatThrownBy(() -> tuner.score(Prompt.of("abc"), "cat"))
          .isInstanceOf(ProxyTuneException.class)
          .hasMessageContaining("interrupt");
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(expert.open() + antiExpert.open() + far.inner.open()).isZero();
  }

  /** What fails here ends what is under way there. */
  @Test
  void aFailureHereGivesUpWhatIsUnderWayThere() {
    expert.beforePass(
        pass -> {
          throw new IllegalStateException("the expert broke");
        });
    try (DefaultProxyTuner tuner = tuner(far)) {
      assertThatThrownBy(() -> tuner.generate(Prompt.of("abc"), OPTIONS))
          .hasMessage("the expert broke");
    }
    assertThat(events).containsExactly("begin", "close");
    assertThat(expert.open() + antiExpert.open() + far.inner.open()).isZero();
  }

  /** A model that gives up for reasons of its own fails the text as any other failure does. */
  @Test
  void givingUpUnaskedIsAFailure() {
    comes = givenUp -> false;
    try (DefaultProxyTuner tuner = tuner(far)) {
      assertThatThrownBy(() -> tuner.generate(Prompt.of("abc"), OPTIONS))
          .isInstanceOf(CancellationException.class);
    }
  }

  private final class Far extends DelegatingModel {
    private final FakeModel inner;

    private Far(FakeModel inner) {
      super(inner);
      this.inner = inner;
    }

    @Override
    public boolean runsElsewhere() {
      return true;
    }

    @Override
    public PendingLogits begin(List<Segment> segments) {
      events.add("begin");
      return new PendingLogits() {
        @Override
        public Logits await(BooleanSupplier givenUp) {
          events.add("await");
          if (!comes.test(givenUp)) {
            throw new CancellationException("given up");
          }
          return inner.forward(segments);
        }

        @Override
        public void close() {
          events.add("close");
        }
      };
    }

    @Override
    public Logits forward(List<Segment> segments) {
      throw new AssertionError("it is begun");
    }
  }
}
