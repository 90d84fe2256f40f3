package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GateStats;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.ModelException;
import io.proxytune.Prompt;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.Strength;
import io.proxytune.Token;
import io.proxytune.TokenTrace;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeModel.Call;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.TunerFixture;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Experts that are run only for the tokens that they steer. */
class GatedExpertsTest {
  private static final double NATS = 3.2;
  private static final Strength.Gated GATE = Strength.whereEntropyIsAtLeast(NATS).withAudited(0);
  private static final GenerationOptions FORTY =
      GenerationOptions.defaults()
          .withMaxNewTokens(40)
          .withSeed(7)
          .withIgnoreEndOfText(true)
          .withSpeculation(Speculation.off());
  private static final Prompt PROMPT = Prompt.ofIds(5, 6);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1).readingDrafts().sharingPasses();
  private final FakeModel expert = FakeModel.hashed("expert", 2).readingDrafts().sharingPasses();
  private final FakeModel antiExpert = FakeModel.hashed("anti", 3).readingDrafts().sharingPasses();
  private final ExpertPair pair = new ExpertPair(expert, antiExpert, 1.5);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private DefaultProxyTuner tuner(Strength strength) {
    return fixture.fusion(Fusion.proxyTuning().withStrength(strength)).tuner(base, pair);
  }

  private Generation text(Strength strength, GenerationOptions options) {
    try (DefaultProxyTuner tuner = tuner(strength)) {
      return tuner.generate(PROMPT, options);
    }
  }

  private static List<Boolean> steered(Generation text, double nats) {
    List<Integer> ids = new ArrayList<>(text.promptTokenIds());
    List<Boolean> steered = new ArrayList<>();
    for (int id : text.tokenIds()) {
      steered.add(entropy(softmax(FakeModel.hashedRow(ids, 1, 40))) >= nats);
      ids.add(id);
    }
    return steered;
  }

  private static double[] softmax(float[] row) {
    double[] values = IntStream.range(0, row.length).mapToDouble(id -> row[id]).toArray();
    return softmax(values);
  }

  private static double[] softmax(double[] row) {
    double total = Arrays.stream(row).map(Math::exp).sum();
    return Arrays.stream(row).map(each -> Math.exp(each) / total).toArray();
  }

  private static double entropy(double[] p) {
    return -Arrays.stream(p).map(each -> each * Math.log(each)).sum();
  }

  /** The first token's experts read the prompt; what was missed is read in the next pass. */
  @Test
  void expertsAreRunForTheTokensThatTheySteer() {
    Generation text = text(GATE, FORTY);
    List<Boolean> steered = steered(text, NATS);
    List<Call> expected = new ArrayList<>();
    int read = 0;
    for (int i = 0; i < steered.size(); i++) {
      if (i == 0 || steered.get(i)) {
        expected.add(new Call(read, 2 + i - read, Rows.LAST));
        read = 2 + i;
      }
    }
    assertThat(expected).hasSizeBetween(5, 35);
    assertThat(expert.passes().stream().flatMap(List::stream)).isEqualTo(expected);
    assertThat(antiExpert.passes()).isEqualTo(expert.passes());
    assertThat(base.passes()).hasSize(40);
    GateStats gate = text.stats().gate();
    int unsteered = (int) steered.stream().filter(each -> !each).count();
    assertThat(gate.unsteered()).isEqualTo(unsteered);
    assertThat(gate.unasked()).isEqualTo(40 - expected.size());
    assertThat(text.stats().unaskedShare()).isEqualTo((40 - expected.size()) / 40.0);
    assertThat(gate.audited()).isZero();
    assertThat(gate.changedShare()).isZero();
  }

  /** The same text however many tokens are audited; where all are, every model reads all. */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.25, 1})
  void anAuditChangesNoText(double share) {
    Generation plain = text(GATE, FORTY);
    int before = expert.passes().size();
    Generation audited = text(GATE.withAudited(share), FORTY);
    assertThat(audited.tokenIds()).isEqualTo(plain.tokenIds());
    GateStats gate = audited.stats().gate();
    assertThat(gate.unsteered()).isEqualTo(plain.stats().gate().unsteered());
    assertThat(expert.passes().size() - before).isEqualTo(40 - gate.unasked());
    if (share == 1) {
      assertThat(gate.audited()).isEqualTo(gate.unsteered());
      assertThat(gate.unasked()).isZero();
    }
  }

  /** Against the formula in float64, over every token that was not steered. */
  @Test
  void anAuditTellsWhatIsLost() {
    Generation text = text(GATE.withAudited(1), FORTY);
    List<Boolean> steered = steered(text, NATS);
    List<Integer> ids = new ArrayList<>(text.promptTokenIds());
    int changed = 0;
    double divergence = 0;
    for (int i = 0; i < 40; i++) {
      if (!steered.get(i)) {
        float[] b = FakeModel.hashedRow(ids, 1, 40);
        float[] e = FakeModel.hashedRow(ids, 2, 40);
        float[] a = FakeModel.hashedRow(ids, 3, 40);
        double[] p =
            softmax(
                IntStream.range(0, 40).mapToDouble(id -> b[id] + 1.5 * (e[id] - a[id])).toArray());
        double[] q = softmax(b);
        changed += best(p) != best(q) ? 1 : 0;
        divergence +=
            IntStream.range(0, 40).mapToDouble(id -> p[id] * Math.log(p[id] / q[id])).sum();
      }
      ids.add(text.tokenIds().get(i));
    }
    GateStats gate = text.stats().gate();
    assertThat(gate.changed()).isEqualTo(changed).isPositive();
    assertThat(gate.divergence()).isCloseTo(divergence / gate.audited(), within(1e-5));
    assertThat(gate.changedShare()).isEqualTo((double) changed / gate.audited());
  }

  private static int best(double[] p) {
    return IntStream.range(0, p.length).reduce((a, b) -> p[b] > p[a] ? b : a).orElseThrow();
  }

  @Test
  void expertsAreDoneAfterTheFirstTokens() {
    Generation text = text(Strength.firstTokens(3), FORTY);
    assertThat(expert.passes()).hasSize(3);
    assertThat(text.stats().gate()).isEqualTo(new GateStats(37, 37, 0, 0, 0));
  }

  @Test
  void expertsBeginLateWhereTheStrengthDoes() {
    Strength none = Strength.firstTokens(0);
    assertThat(text(none, FORTY).tokenIds()).hasSize(40);
    assertThat(expert.passes()).as("the prompt").hasSize(1);
    text(Strength.linear(0, 1, 4), FORTY);
    assertThat(expert.passes()).as("0 for the first token alone").hasSize(1 + 40);
  }

  /** Drafts from what the text repeats: all rows of a stretch, or none. */
  @Test
  void draftsAreOfTheTextAlone() {
    FakeModel loop = FakeModel.of(200, ids -> FakeModel.oneHot(2 + ids.size() % 5));
    try (DefaultProxyTuner tuner =
        fixture
            .fusion(Fusion.proxyTuning().withStrength(GATE.withAudited(0.2)))
            .tuner(loop.readingDrafts().sharingPasses(), pair)) {
      Speculation drafts = Speculation.draft(4);
      Prompt prompt = Prompt.ofIds(2, 3, 4, 5, 6, 2, 3, 4);
      Generation plain = tuner.generate(prompt, FORTY);
      int before = expert.passes().size();
      Generation drafted = tuner.generate(prompt, FORTY.withSpeculation(drafts));
      assertThat(drafted.tokenIds()).isEqualTo(plain.tokenIds());
      assertThat(drafted.stats().acceptedTokens()).isGreaterThan(20);
      assertThat(drafted.stats().gate().audited()).isEqualTo(plain.stats().gate().audited());
      assertThat(drafted.stats().gate().divergence())
          .isCloseTo(plain.stats().gate().divergence(), within(1e-9));
      assertThat(expert.passes().size() - before).isLessThanOrEqualTo(before);
    }
  }

  @Test
  void eachTextOfABatchIsAskedForAlone() {
    List<Prompt> prompts = List.of(PROMPT, Prompt.ofIds(7), Prompt.ofIds(8, 9, 10));
    try (DefaultProxyTuner tuner = tuner(GATE.withAudited(0.1))) {
      GenerationOptions sampling = FORTY.withSampler(Sampler.temperature(0.8)).withSeed(4);
      List<Generation> together = tuner.generateAll(prompts, sampling);
      int segments = expert.passes().stream().mapToInt(List::size).sum();
      assertThat(segments)
          .isEqualTo(120 - together.stream().mapToInt(t -> t.stats().gate().unasked()).sum());
      assertThat(expert.passes().size()).isLessThan(segments);
      for (int i = 0; i < 3; i++) {
        Generation alone = tuner.generate(prompts.get(i), sampling);
        assertThat(together.get(i).tokenIds()).isEqualTo(alone.tokenIds());
        assertThat(together.get(i).stats().gate()).isEqualTo(alone.stats().gate());
      }
      List<Generation> forks = tuner.generateMany(PROMPT, 2, sampling);
      assertThat(forks.get(0).tokenIds()).isEqualTo(together.get(0).tokenIds());
    }
  }

  @Test
  void whoWasNotAskedSaysNothing() {
    Generation text = text(GATE, FORTY.withTrace(true).withLogprobs(1));
    List<Boolean> steered = steered(text, NATS);
    for (int i = 1; i < 40; i++) {
      Token token = text.tokens().get(i);
      TokenTrace trace = requireNonNull(token.trace());
      int roles = steered.get(i) ? 3 : 1;
      assertThat(trace.roles()).hasSize(roles);
      assertThat(requireNonNull(token.logprobs()).roles()).hasSize(roles);
      assertThat(trace.alphas()).containsExactly(steered.get(i) ? 1.5 : 0);
      assertThat(trace.divergence() == 0).isEqualTo(!steered.get(i));
    }
    assertThat(text.tokenIds()).isEqualTo(text(GATE, FORTY).tokenIds());
  }

  /** More than a pass reads of a prompt, in several: without rows but for the last. */
  @Test
  void muchThatWasMissedIsReadInParts() {
    FakeModel sure =
        FakeModel.of(
            2000, ids -> ids.size() < 1300 ? FakeModel.oneHot(7) : FakeModel.hashedRow(ids, 1, 40));
    FakeModel small = FakeModel.hashed("small", 2, 40, 2000);
    FakeModel anti = FakeModel.hashed("small anti", 3, 40, 2000);
    try (DefaultProxyTuner tuner =
        fixture
            .fusion(
                Fusion.proxyTuning().withStrength(Strength.whereEntropyIsAtLeast(1).withAudited(0)))
            .tuner(sure, ExpertPair.of(small, anti))) {
      Generation text = tuner.generate(PROMPT, FORTY.withMaxNewTokens(1300));
      assertThat(text.stats().gate().unasked()).isEqualTo(1297);
      assertThat(small.passes().stream().flatMap(List::stream))
          .containsExactly(
              new Call(0, 2, Rows.LAST),
              new Call(2, 512, Rows.NONE),
              new Call(514, 512, Rows.NONE),
              new Call(1026, 274, Rows.LAST),
              new Call(1300, 1, Rows.LAST));
    }
  }

  /** Beyond this length the logits would depend on what is read in one pass. */
  @Test
  void aModelThatCannotWaitIsAskedForEveryToken() {
    expert.draftableTo(10);
    Generation text = text(Strength.firstTokens(1), FORTY);
    assertThat(expert.passes()).hasSize(1 + 40 - (10 - 2));
    assertThat(expert.passes().get(1)).containsExactly(new Call(2, 8, Rows.LAST));
    assertThat(text.stats().gate().unasked()).isEqualTo(7);
  }

  @Test
  void theApplicationsCodePicksFromTheBaseAlone() {
    Sampler.Custom likeliest = (logits, context) -> best(softmax(logits));
    Generation own = text(GATE, FORTY.withSampler(likeliest));
    assertThat(own.tokenIds()).isEqualTo(text(GATE, FORTY).tokenIds());
    assertThat(own.stats().gate().unasked()).isPositive();
  }

  @Test
  void whatAnExpertThrowsWhenAskedFailsItsRequest() {
    expert.beforePass(
        pass -> {
          if (pass == 2) {
            throw new ModelException("no more");
          }
        });
    try (DefaultProxyTuner tuner = tuner(GATE)) {
      assertThatThrownBy(() -> tuner.generate(PROMPT, FORTY)).hasMessage("no more");
      assertThat(tuner.generate(PROMPT, FORTY).tokenIds()).hasSize(40);
    }
  }

  @Test
  void aBaseThatFailsWhereItIsAloneIsNamed() {
    FakeModel broken =
        FakeModel.of(
            100,
            ids -> {
              float[] row = FakeModel.oneHot(7);
              row[3] = ids.size() == 9 ? Float.NaN : 0;
              return row;
            });
    try (DefaultProxyTuner tuner =
        fixture.fusion(Fusion.proxyTuning().withStrength(GATE)).tuner(broken, pair)) {
      assertThatThrownBy(() -> tuner.generate(PROMPT, FORTY))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the base ('saying') gave logit NaN for token id 3 at position 9");
    }
  }
}
