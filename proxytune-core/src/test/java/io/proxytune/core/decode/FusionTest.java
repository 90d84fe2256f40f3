package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.ModelException;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Sampler;
import io.proxytune.VocabularyMismatchException;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FusionTest extends ThreeModels {
  private static final GenerationOptions TWELVE = GenerationOptions.defaults().withMaxNewTokens(12);

  /** Greedy decoding of the formula, with nothing cached. */
  private static List<Integer> greedy(int count, List<Term> terms) {
    List<Integer> generated = new ArrayList<>();
    for (int step = 0; step < count; step++) {
      double[] fused = new double[40];
      for (Term term : terms) {
        List<Integer> ids = new ArrayList<>(term.prompt);
        ids.addAll(generated);
        float[] row = FakeModel.hashedRow(ids, term.seed, 40);
        for (int id = 0; id < fused.length; id++) {
          fused[id] += term.weight * row[id];
        }
      }
      int best = 0;
      for (int id = 1; id < fused.length; id++) {
        best = fused[id] > fused[best] ? id : best;
      }
      generated.add(best);
    }
    return generated;
  }

  private record Term(double weight, long seed, List<Integer> prompt) {
    Term(double weight, long seed, Integer... prompt) {
      this(weight, seed, List.of(prompt));
    }
  }

  @Test
  void baseAloneIsGreedyDecoding() {
    Generation generation = fixture.tuner(base).generate(Prompt.ofIds(5, 6), TWELVE);

    assertThat(generation.tokenIds()).isEqualTo(greedy(12, List.of(new Term(1, 1, 5, 6))));
    assertThat(generation.promptTokenIds()).containsExactly(5, 6);
    assertThat(base.passes()).hasSize(12);
  }

  @Test
  void threeModelsFollowTheFormula() {
    Generation generation =
        fixture
            .tuner(base, new ExpertPair(expert, antiExpert, 1.5))
            .generate(Prompt.ofIds(5), TWELVE);

    assertThat(generation.tokenIds())
        .isEqualTo(
            greedy(12, List.of(new Term(1, 1, 5), new Term(1.5, 2, 5), new Term(-1.5, 3, 5))));
  }

  @Test
  void pairsAddUpAndNegativeStrengthSteersAway() {
    FakeModel second = FakeModel.hashed("second", 4);
    Generation generation =
        fixture
            .tuner(
                base, ExpertPair.of(expert, antiExpert), new ExpertPair(second, antiExpert, -0.75))
            .generate(Prompt.ofIds(5), TWELVE);

    assertThat(generation.tokenIds())
        .isEqualTo(
            greedy(
                12,
                List.of(
                    new Term(1, 1, 5),
                    new Term(1, 2, 5),
                    new Term(-1, 3, 5),
                    new Term(-0.75, 4, 5),
                    new Term(0.75, 3, 5))));
    assertThat(antiExpert.passes()).as("both pairs share one session").hasSize(12);
    assertThat(antiExpert.sessionsMade()).isOne();
  }

  @Test
  void everyRoleReadsItsOwnPromptAtItsOwnPosition() {
    Prompt prompt =
        Prompt.of("the cat")
            .withText(Role.EXPERT, "be kind: the cat")
            .withText(Role.ANTI_EXPERT, "a");
    Generation generation =
        fixture.tuner(base, ExpertPair.of(expert, antiExpert)).generate(prompt, TWELVE);

    assertThat(generation.tokenIds())
        .isEqualTo(
            greedy(
                12,
                List.of(
                    new Term(1, 1, ids("<s>the cat")),
                    new Term(1, 2, ids("<s>be kind: the cat")),
                    new Term(-1, 3, ids("<s>a")))));
  }

  private static Integer[] ids(String text) {
    return Arrays.stream(FakeTokenizer.LETTERS.encode(text, false)).boxed().toArray(Integer[]::new);
  }

  @Test
  void strengthZeroIsTheBaseAndRunsNoExpert() {
    Generation generation =
        fixture
            .tuner(base, new ExpertPair(expert, antiExpert, 0))
            .generate(Prompt.ofIds(5), TWELVE);

    assertThat(generation.tokenIds()).isEqualTo(greedy(12, List.of(new Term(1, 1, 5))));
    assertThat(expert.passes()).isEmpty();
    assertThat(antiExpert.passes()).isEmpty();
  }

  @Test
  void oneModelInEveryRoleCostsOneSegmentAPassAndIsTheBase() {
    Generation generation =
        fixture.tuner(base, new ExpertPair(base, base, 3)).generate(Prompt.ofIds(5), TWELVE);

    assertThat(generation.tokenIds()).isEqualTo(greedy(12, List.of(new Term(1, 1, 5))));
    assertThat(base.passes()).hasSize(12).allSatisfy(pass -> assertThat(pass).hasSize(1));
    assertThat(base.sessionsMade()).isOne();
  }

  @Test
  void pairOfOneModelAndOnePromptIsNotRun() {
    Generation generation =
        fixture.tuner(base, ExpertPair.of(expert, expert)).generate(Prompt.ofIds(5), TWELVE);

    assertThat(generation.tokenIds()).isEqualTo(greedy(12, List.of(new Term(1, 1, 5))));
    assertThat(expert.passes()).isEmpty();
  }

  @Test
  void oneModelWithTwoPromptsRunsTwoSegmentsInOnePass() {
    Prompt prompt =
        Prompt.ofIds(5).withText(Role.EXPERT, "cat").withText(Role.ANTI_EXPERT, "a dog");
    Generation generation =
        fixture.tuner(base, ExpertPair.of(expert, expert)).generate(prompt, TWELVE);

    assertThat(generation.tokenIds())
        .isEqualTo(
            greedy(
                12,
                List.of(
                    new Term(1, 1, 5),
                    new Term(1, 2, ids("<s>cat")),
                    new Term(-1, 2, ids("<s>a dog")))));
    assertThat(expert.passes()).hasSize(12).allSatisfy(pass -> assertThat(pass).hasSize(2));
  }

  @Test
  void baseAsItsOwnAntiExpertSharesItsSession() {
    Generation generation =
        fixture.tuner(base, ExpertPair.of(expert, base)).generate(Prompt.ofIds(5), TWELVE);

    assertThat(generation.tokenIds()).isEqualTo(greedy(12, List.of(new Term(1, 2, 5))));
    assertThat(base.sessionsMade()).isOne();
  }

  @Test
  void longPromptsAreReadInChunksThatEndTogether() {
    fixture.prefillChunk(3);
    Prompt prompt = Prompt.ofIds(2, 3, 4, 5, 6, 7, 8).withText(Role.ANTI_EXPERT, "cat");
    Generation generation =
        fixture
            .tuner(base, ExpertPair.of(expert, antiExpert))
            .generate(prompt, TWELVE.withMaxNewTokens(2));

    assertThat(generation.tokenIds())
        .isEqualTo(
            greedy(
                2,
                List.of(
                    new Term(1, 1, 2, 3, 4, 5, 6, 7, 8),
                    new Term(1, 2, 2, 3, 4, 5, 6, 7, 8),
                    new Term(-1, 3, ids("<s>cat")))));
    assertThat(expert.passes())
        .containsExactly(
            List.of(new FakeModel.Call(0, 3, Rows.NONE)),
            List.of(new FakeModel.Call(3, 3, Rows.NONE)),
            List.of(new FakeModel.Call(6, 1, Rows.LAST)),
            List.of(new FakeModel.Call(7, 1, Rows.LAST)));
    assertThat(antiExpert.passes())
        .containsExactly(
            List.of(new FakeModel.Call(0, 2, Rows.LAST)),
            List.of(new FakeModel.Call(2, 1, Rows.LAST)));
  }

  @Test
  void differentVocabulariesAreRefused() {
    List<String> other = new ArrayList<>(FakeTokenizer.letters());
    other.set(9, "H");
    FakeModel stranger = expert.withTokenizer(new FakeTokenizer(other, false));

    assertThatThrownBy(() -> fixture.tuner(base, ExpertPair.of(stranger, antiExpert)))
        .isInstanceOf(VocabularyMismatchException.class)
        .hasMessageContaining("id 9 is 'h' to the base and 'H' to the expert");
  }

  @Test
  void idsThatTheBaseLacksAreNeverEmittedAndOthersGetNoOffset() {
    FakeModel narrow =
        FakeModel.hashed("narrow", 5, 50, 100)
            .withTokenizer(new FakeTokenizer(FakeTokenizer.letters().subList(0, 30), false));
    Sampler.Custom check =
        (logits, context) -> {
          assertThat(logits).hasSize(50);
          assertThat(logits[29]).isFinite();
          for (int id = 30; id < 50; id++) {
            assertThat(logits[id]).isEqualTo(Float.NEGATIVE_INFINITY);
          }
          return 4;
        };
    Generation generation =
        fixture
            .tuner(narrow, ExpertPair.of(expert, antiExpert))
            .generate(Prompt.ofIds(5), TWELVE.withSampler(check));

    assertThat(generation.tokenIds()).hasSize(12).containsOnly(4);
  }

  private static Sampler.Custom always(int id) {
    return (logits, context) -> id;
  }

  @Test
  void helperThatLacksAnIdReadsItsTextInOwnTokens() {
    int cat = FakeTokenizer.LETTERS.id("cat").orElseThrow();
    FakeModel small =
        FakeModel.hashed("small", 6, 30, 100)
            .withTokenizer(new FakeTokenizer(FakeTokenizer.letters().subList(0, 30), false));
    fixture
        .tuner(base, ExpertPair.of(small, antiExpert))
        .generate(Prompt.ofIds(5), TWELVE.withMaxNewTokens(4).withSampler(always(cat)));

    assertThat(small.passes().stream().map(pass -> pass.get(0).tokens()))
        .containsExactly(1, 3, 3, 3);
    assertThat(base.passes().stream().map(pass -> pass.get(0).tokens()))
        .containsExactly(1, 1, 1, 1);
  }

  @Test
  void helperThatCannotSpellAnIdIsNamed() {
    FakeModel silent = FakeModel.withoutTokenizer("silent", 6, 30);
    int lost = FakeTokenizer.LETTERS.id("cat").orElseThrow();

    assertThatThrownBy(
            () ->
                fixture
                    .tuner(base, ExpertPair.of(silent, antiExpert))
                    .generate(Prompt.ofIds(5), TWELVE.withSampler(always(lost))))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("token id " + lost)
        .hasMessageContaining("expert of pair 0")
        .hasMessageContaining("withBannedIds");
  }

  @Test
  void optionsThatNameIdsBeyondTheBaseAreRefused() {
    DefaultProxyTuner tuner = fixture.tuner(base);

    for (GenerationOptions options :
        List.of(
            TWELVE.withStopIds(Set.of(40)),
            TWELVE.withBannedIds(Set.of(40)),
            TWELVE.withLogitBias(Map.of(40, 1.0)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tuner.stream(Prompt.ofIds(5), options))
          .withMessageContaining("token id 40 is not in the vocabulary of the base ('base')")
          .withMessageContaining("0 to 39");
    }
  }

  @Test
  void tokenizerOfTheBuilderServesModelsWithoutOne() {
    FakeModel bare = FakeModel.withoutTokenizer("bare", 1);
    Generation generation =
        fixture
            .tokenizer(FakeTokenizer.LETTERS)
            .tuner(bare)
            .generate(Prompt.of("cat"), TWELVE.withMaxNewTokens(3));

    assertThat(generation.tokenIds()).isEqualTo(greedy(3, List.of(new Term(1, 1, ids("<s>cat")))));
    assertThat(generation.text()).isNotEmpty();
  }

  @Test
  void idsOnlyModelWorksWithoutTokenizer() {
    DefaultProxyTuner tuner = fixture.tuner(FakeModel.withoutTokenizer("bare", 1));

    assertThat(tuner.generate(Prompt.ofIds(5), TWELVE).text()).isEmpty();
    assertThatThrownBy(tuner::tokenizer)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("base ('bare') has no tokenizer");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.stream(Prompt.ofIds(5), TWELVE.withStopStrings("x")))
        .withMessageContaining("stop strings need a tokenizer");
  }
}
