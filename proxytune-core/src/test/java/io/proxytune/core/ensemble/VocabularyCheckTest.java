package io.proxytune.core.ensemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.VocabularyMismatchException;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.model.FunctionLogitSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VocabularyCheckTest {
  private static ModelRole role(Role role, int width, String... tokens) {
    Optional<Tokenizer> tokenizer =
        tokens.length == 0
            ? Optional.empty()
            : Optional.of(new FakeTokenizer(List.of(tokens), false));
    FunctionLogitSource source =
        FunctionLogitSource.of("m" + role, width, 10, ids -> new float[width]);
    return new ModelRole(role, 0, source, tokenizer, tokenizer);
  }

  @Test
  void equalVocabulariesShareEveryId() {
    VocabularyCheck check = new VocabularyCheck(role(Role.BASE, 3, "a", "b", "c"));

    assertThat(
            check.sharedIds(
                role(Role.EXPERT, 3, "a", "b", "c"), role(Role.ANTI_EXPERT, 3, "a", "b", "c")))
        .isEqualTo(IdRange.below(3));
    assertThat(check.emittable()).isEqualTo(IdRange.below(3));
  }

  @Test
  void paddedWidthsAreNotShared() {
    VocabularyCheck check = new VocabularyCheck(role(Role.BASE, 8, "a", "b", "c"));

    assertThat(check.emittable()).isEqualTo(IdRange.below(3));
    assertThat(
            check.sharedIds(
                role(Role.EXPERT, 5, "a", "b", "c", "d"), role(Role.ANTI_EXPERT, 2, "a", "b", "c")))
        .isEqualTo(IdRange.below(2));
  }

  @Test
  void paddingOfAllThreeIsShared() {
    VocabularyCheck check = new VocabularyCheck(role(Role.BASE, 8, "a", "b", "c"));

    assertThat(
            check.sharedIds(
                role(Role.EXPERT, 7, "a", "b", "c"), role(Role.ANTI_EXPERT, 6, "a", "b", "c")))
        .isEqualTo(IdRange.below(6));
    assertThat(check.sharedIds(role(Role.EXPERT, 7, "a", "b", "c"), role(Role.ANTI_EXPERT, 6)))
        .isEqualTo(IdRange.below(6));
    IdRange withToken =
        check.sharedIds(
            role(Role.EXPERT, 7, "a", "b", "c", "d"), role(Role.ANTI_EXPERT, 6, "a", "b", "c"));
    assertThat(withToken.holes()).containsExactly(3);
    VocabularyCheck bare = new VocabularyCheck(role(Role.BASE, 8));
    assertThat(bare.sharedIds(role(Role.EXPERT, 7, "a", "b"), role(Role.ANTI_EXPERT, 6, "a", "b")))
        .as("the base may pick it")
        .isEqualTo(IdRange.below(2));
  }

  @Test
  void holesOfAnyModelAreNotShared() {
    VocabularyCheck check = new VocabularyCheck(role(Role.BASE, 4, "a", "b", "c", "d"));

    IdRange shared =
        check.sharedIds(
            role(Role.EXPERT, 4, "a", "", "c", "d"), role(Role.ANTI_EXPERT, 4, "a", "b", "", "d"));

    assertThat(shared.holes()).containsExactly(1, 2);
    assertThat(shared.end()).isEqualTo(4);
  }

  @Test
  void modelsWithoutTokenizerAreComparedByWidth() {
    VocabularyCheck check = new VocabularyCheck(role(Role.BASE, 4));

    assertThat(check.emittable()).isEqualTo(IdRange.below(4));
    assertThat(check.sharedIds(role(Role.EXPERT, 5, "x", "y", "z"), role(Role.ANTI_EXPERT, 3)))
        .isEqualTo(IdRange.below(3));
  }

  @Test
  void differentTokensAreRefusedWithTheFirstFiveIdsAndNames() {
    VocabularyCheck check =
        new VocabularyCheck(role(Role.BASE, 7, "a", "b", "c", "d", "e", "f", "g"));
    ModelRole same = role(Role.EXPERT, 7, "a", "b", "c", "d", "e", "f", "g");
    ModelRole other = role(Role.ANTI_EXPERT, 7, "a", "B", "C", "D", "E", "F", "G");

    assertThatThrownBy(() -> check.sharedIds(same, other))
        .isInstanceOf(VocabularyMismatchException.class)
        .hasMessageContaining("base ('mBASE')")
        .hasMessageContaining("anti-expert of pair 0 ('mANTI_EXPERT')")
        .hasMessageContaining("differ in 6 ids")
        .hasMessageContaining("id 1 is 'b' to the base and 'B' to the anti-expert")
        .hasMessageContaining("id 5 is 'f'")
        .hasMessageNotContaining("'g'")
        .hasMessageContaining("share a vocabulary");
  }

  @Test
  void differencesBeyondARowOfLogitsDoNotMatter() {
    VocabularyCheck check = new VocabularyCheck(role(Role.BASE, 2, "a", "b", "c"));

    assertThat(
            check.sharedIds(
                role(Role.EXPERT, 3, "a", "b", "X"), role(Role.ANTI_EXPERT, 3, "a", "b", "Y")))
        .isEqualTo(IdRange.below(2));
  }
}
