package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenTrace;
import io.proxytune.core.ensemble.FakeModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of steering, against the formula on rows that are known. */
class TraceTest extends ThreeModels {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(12).withIgnoreEndOfText(true).withTrace(true);

  private static TokenTrace trace(Token token) {
    return requireNonNull(token.trace());
  }

  private static int argmax(float[] row) {
    int best = 0;
    for (int id = 0; id < row.length; id++) {
      best = row[id] > row[best] ? id : best;
    }
    return best;
  }

  @Test
  void noneUnlessAskedFor() {
    Generation text = fixture.tuner(base).generate(Prompt.ofIds(5), OPTIONS.withTrace(false));
    assertThat(text.tokens()).allSatisfy(token -> assertThat(token.trace()).isNull());
  }

  @Test
  void tellsWhatEachModelSaysAndWhatSteeringChanges() {
    Generation text =
        fixture
            .tuner(base, new ExpertPair(expert, antiExpert, 2))
            .generate(Prompt.ofIds(5), OPTIONS);

    List<Integer> history = new ArrayList<>(List.of(5));
    int steered = 0;
    for (Token token : text.tokens()) {
      TokenTrace trace = trace(token);
      float[] own = FakeModel.hashedRow(history, 1, WIDTH);
      float[] sum = fused(history, 2);
      double p = Math.exp(Distributions.logprob(sum, token.id()));
      double q = Math.exp(Distributions.logprob(own, token.id()));
      assertThat(trace.shift()).isCloseTo(p - q, within(1e-5));
      assertThat(trace.divergence()).isCloseTo(divergence(sum, own), within(1e-5));
      assertThat(trace.fused().rank()).isZero();
      assertThat(trace.fused().choice()).isEqualTo(token.id());
      assertThat(trace.base().choice()).isEqualTo(argmax(own));
      assertThat(trace.base().logit()).isEqualTo(own[token.id()]);
      assertThat(trace.steered()).isEqualTo(argmax(own) != token.id());
      assertThat(trace.alphas()).containsExactly(2.0);
      assertThat(trace.roles().stream().map(TokenTrace.OfRole::role))
          .containsExactly(Role.BASE, Role.EXPERT, Role.ANTI_EXPERT);
      steered += trace.steered() ? 1 : 0;
      history.add(token.id());
    }
    assertThat(steered).isBetween(1, 12);
  }

  private static double divergence(float[] from, float[] to) {
    double sum = 0;
    for (int id = 0; id < from.length; id++) {
      double logprob = Distributions.logprob(from, id);
      sum += Math.exp(logprob) * (logprob - Distributions.logprob(to, id));
    }
    return sum;
  }

  @Test
  void aBaseAloneIsSteeredNowhere() {
    Generation text = fixture.tuner(base).generate(Prompt.ofIds(5), OPTIONS);
    assertThat(text.tokens())
        .allSatisfy(
            token -> {
              assertThat(trace(token).steered()).isFalse();
              assertThat(trace(token).shift()).isZero();
              assertThat(trace(token).divergence()).isCloseTo(0, within(1e-12));
              assertThat(trace(token).alphas()).isEmpty();
            });
  }

  /** A pair of equal models adds nothing, and is run to be told of. */
  @Test
  void modelsThatAddNothingAreToldOfAllTheSame() {
    Generation text =
        fixture
            .tuner(base, new ExpertPair(expert, antiExpert, 0))
            .generate(Prompt.ofIds(5), OPTIONS);
    assertThat(text.tokens())
        .allSatisfy(
            token -> {
              assertThat(trace(token).roles()).hasSize(3);
              assertThat(trace(token).steered()).isFalse();
              assertThat(trace(token).alphas()).isEmpty();
            });
  }

  /** The draft changes neither text nor trace, but for saying what was drafted. */
  @Test
  void draftsChangeNothingButTheirMark() {
    ExpertPair pair = new ExpertPair(FakeModel.hashed("expert", 1), antiExpert, 0.05);
    List<Token> plain =
        fixture
            .tuner(base, pair)
            .generate(Prompt.ofIds(5), OPTIONS.withSpeculation(Speculation.off()))
            .tokens();
    List<Token> drafted =
        fixture
            .tuner(base, pair)
            .generate(Prompt.ofIds(5), OPTIONS.withSpeculation(Speculation.draft(3)))
            .tokens();
    assertThat(plain).allSatisfy(token -> assertThat(trace(token).drafted()).isFalse());
    assertThat(drafted).anySatisfy(token -> assertThat(trace(token).drafted()).isTrue());
    for (int i = 0; i < plain.size(); i++) {
      assertThat(trace(drafted.get(i)))
          .usingRecursiveComparison()
          .ignoringFields("drafted")
          .isEqualTo(trace(plain.get(i)));
    }
  }

  @Test
  void logprobsAndTraceMayBothBeAskedFor() {
    Generation text =
        fixture
            .tuner(base, new ExpertPair(expert, antiExpert, 1))
            .generate(Prompt.ofIds(5), OPTIONS.withLogprobs(2));
    assertThat(text.tokens())
        .allSatisfy(
            token ->
                assertThat(requireNonNull(token.logprobs()).logprob())
                    .isCloseTo(trace(token).fused().logprob(), within(1e-12)));
  }
}
