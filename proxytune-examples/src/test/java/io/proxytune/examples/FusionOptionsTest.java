package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion;
import io.proxytune.FusionTerm;
import io.proxytune.LogitSource;
import io.proxytune.Strength;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FusionOptionsTest {
  private static final String PAIR = " --expert e --anti-expert a";

  private final FakeEngine engine = new FakeEngine();

  private Fusion fusion(String options) {
    CliRun run = CliRun.of(engine, ("generate --base b --prompt p " + options).split(" +"));
    assertThat(run.status()).as(run.err()).isZero();
    return engine.fusion;
  }

  private String refusal(String options) {
    CliRun run = CliRun.of(engine, ("generate --base b --prompt p " + options).split(" +"));
    assertThat(run.status()).isEqualTo(2);
    return run.err();
  }

  private List<String> terms(Fusion fusion) {
    return fusion.terms().stream()
        .map(
            (FusionTerm term) ->
                term.weight()
                    + " "
                    + term.source().name()
                    + term.against().map(LogitSource::name).map(name -> " - " + name).orElse(""))
        .toList();
  }

  @Test
  void theDefaultIsProxyTuning() {
    assertThat(fusion(PAIR)).isEqualTo(Fusion.proxyTuning());
    assertThat(engine.pairs).hasSize(1);
  }

  @Test
  void everyPartArrives() {
    Fusion fusion =
        fusion(
            "--space probabilities --candidates top-p:0.8 --strength linear:1:0:20"
                + " --source s --weight -0.5 --source r"
                + PAIR);
    assertThat(fusion.space()).isEqualTo(Fusion.Space.PROBABILITIES);
    assertThat(fusion.candidates()).isEqualTo(CandidateSet.topP(0.8));
    assertThat(fusion.strength()).isEqualTo(Strength.linear(1, 0, 20));
    assertThat(terms(fusion)).containsExactly("-0.5 s", "1.0 r");
    assertThat(engine.pairs).hasSize(1);
    assertThat(fusion("--space log-probabilities").space())
        .isEqualTo(Fusion.Space.LOG_PROBABILITIES);
  }

  @Test
  void wordsAreSetsAndRules() {
    assertThat(candidates("all")).isEqualTo(CandidateSet.all());
    assertThat(candidates("top-k:9")).isEqualTo(CandidateSet.topK(9));
    assertThat(candidates("plausible:0.1")).isEqualTo(CandidateSet.plausible(0.1));
    assertThat(candidates("both-top:9")).isEqualTo(CandidateSet.inBothTop(9));
    assertThat(candidates("either-top:9")).isEqualTo(CandidateSet.inEitherTop(9));
    assertThat(candidates("common:3")).isEqualTo(CandidateSet.common(3));
    assertThat(strength("-0.5")).isEqualTo(Strength.constant(-0.5));
    assertThat(strength("first:3")).isEqualTo(Strength.firstTokens(3));
    assertThat(strength("kl-matched")).isEqualTo(Strength.klMatched());
    assertThat(strength("kl-matched:3")).isEqualTo(Strength.klMatched(3));
    assertThat(strength("entropy:1.5")).isEqualTo(Strength.whereEntropyIsAtLeast(1.5));
    assertThat(strength("top-probability:0.9"))
        .isEqualTo(Strength.whereTopProbabilityIsAtMost(0.9));
    assertThat(strength("entropy:1.5:0"))
        .isEqualTo(Strength.whereEntropyIsAtLeast(1.5).withAudited(0));
    assertThat(strength("top-probability:0.9:0.2"))
        .isEqualTo(Strength.whereTopProbabilityIsAtMost(0.9).withAudited(0.2));
  }

  private CandidateSet candidates(String word) {
    return fusion("--candidates " + word + PAIR).candidates();
  }

  private Strength strength(String word) {
    return fusion("--strength " + word + PAIR).strength();
  }

  @ParameterizedTest
  @CsvSource({
    "contrastive --source s, -1.0 s",
    "safe-decoding --source s, 3.0 s - b",
    "realign --source s --weight 0.2, 0.2 s - b",
    "mixture --source s, 0.5 s - b",
    "unlearn --source s --weight 0.8, -0.8 s",
    "context-aware --anti-expert-prompt q, 0.5 b - b",
    "classifier-free --weight 3 --anti-expert-prompt q, 2.0 b - b"
  })
  void presetsTakeTheirModels(String options, String term) {
    assertThat(terms(fusion("--preset " + options))).containsExactly(term);
  }

  @Test
  void presetsOfPairsKeepThem() {
    Fusion fusion = fusion("--preset dexperts --alpha 2" + PAIR);
    assertThat(fusion).isEqualTo(Fusion.proxyTuning().withCandidates(CandidateSet.topP(0.9)));
    assertThat(engine.pairs.get(0).alpha()).isEqualTo(2);
    assertThat(fusion("--preset emulated-fine-tuning" + PAIR).space())
        .isEqualTo(Fusion.Space.LOG_PROBABILITIES);
  }

  @Test
  void badUsageIsRefusedBeforeLoading() {
    assertThat(refusal("--preset dexperts")).contains("is of pairs");
    assertThat(refusal("--preset unlearn")).contains("the base and one --source MODEL");
    assertThat(refusal("--preset context-aware --source s")).contains("of the base alone");
    assertThat(refusal("--preset other")).contains("expected one of proxy-tuning, dexperts");
    assertThat(refusal("--weight 2")).contains("--weight 2.0 has no --source");
    assertThat(refusal("--candidates top-k:x")).contains("expected all, top-k:K");
    assertThat(refusal("--candidates top-p:2")).contains("topP must be in (0, 1], got 2.0");
    assertThat(refusal("--strength first:x")).contains("expected a number, first:TOKENS");
    assertThat(refusal("--strength linear:1:2")).contains("expected a number");
    assertThat(refusal("--strength entropy:1:2")).contains("audited tokens must be in [0, 1]");
    assertThat(refusal("--space none")).contains("expected logits, log-probabilities");
    assertThat(engine.loads).isEmpty();
  }
}
