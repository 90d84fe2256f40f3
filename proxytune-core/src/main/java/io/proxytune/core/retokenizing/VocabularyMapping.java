package io.proxytune.core.retokenizing;

import io.proxytune.core.vocabulary.ModelVocabulary;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How far offsets of a model reach another's tokens across tokenizers: immutable.
 *
 * @param tokens the number of tokens of the model that is steered
 * @param exact those that a token of the other model reads like, special tokens of the same name
 *     included
 * @param spelled those that several tokens of the other model spell
 * @param exactShare how many tokens of some short texts are exact, from 0 to 1: prose in English,
 *     German, French, Russian and Chinese, a program, and numbers
 * @param spelledShare how many of these are spelled by several
 */
public record VocabularyMapping(
    int tokens, int exact, int spelled, double exactShare, double spelledShare) {
  private static final List<String> SAMPLES =
      List.of(
          "The ferry leaves at half past six, and whoever misses it has to wait until the morning."
              + " She asked whether the engineers' estimate of the costs was still the right one.",
          "Wer früh genug aufsteht, sieht die Vögel über dem Fluss, und später nur noch Straßen.",
          "Nous avons répété la même expérience à plusieurs températures, sans y voir d'écart.",
          "Сегодня утром поезд опоздал на двадцать минут, и мы пошли пешком.",
          "他们在河边种了三棵树,每年春天都会开花。",
          """
          public int sum(int[] values) {
              int total = 0;
              for (int value : values) {
                total += value;
              }
              return total;
          }
          """,
          "In 2019 there were 3,482 of them, 12.5 % more than in 2018; by 31/12/2020 only 977.");

  /**
   * Maps vocabularies.
   *
   * @param base that of the model that is steered
   * @param own that of the model that steers it
   * @return the mapping; nothing where a model has no tokenizer, or the bytes of its tokens depend
   *     on others
   */
  public static Optional<VocabularyMapping> of(ModelVocabulary base, ModelVocabulary own) {
    if (base.tokenizer().isEmpty() || own.tokenizer().isEmpty()) {
      return Optional.empty();
    }
    try {
      ByteVocabulary steered = new ByteVocabulary(base.tokenizer().get(), base.width());
      ByteVocabulary steering = new ByteVocabulary(own.tokenizer().get(), own.width());
      return Optional.of(of(new TokenMap(steering, Set.of(), steered, Set.of()), base));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static VocabularyMapping of(TokenMap map, ModelVocabulary base) {
    ByteEncoder encoder = new ByteEncoder(map.own());
    int tokens = 0;
    int exact = 0;
    int spelled = 0;
    for (int id = 0; id < base.width(); id++) {
      if (base.token(id).isPresent()) {
        tokens++;
        exact += map.isExact(id) ? 1 : 0;
        spelled += isSpelled(id, map, encoder) ? 1 : 0;
      }
    }
    int[] sample =
        SAMPLES.stream()
            .flatMapToInt(text -> Arrays.stream(base.tokenizer().orElseThrow().encode(text, false)))
            .filter(id -> id < base.width())
            .toArray();
    long same =
        Arrays.stream(sample) // but for special ones, such as that of what is not known
            .filter(id -> map.isExact(id) && map.base().bytes(id).length > 0)
            .count();
    long longer = Arrays.stream(sample).filter(id -> isSpelled(id, map, encoder)).count();
    double all = Math.max(1, sample.length);
    return new VocabularyMapping(tokens, exact, spelled, same / all, longer / all);
  }

  private static boolean isSpelled(int id, TokenMap map, ByteEncoder encoder) {
    byte[] bytes = map.base().bytes(id);
    if (map.isExact(id) || bytes.length == 0) {
      return false;
    }
    int[] ids = encoder.longest(bytes);
    return ids.length <= RowTranslator.LONGEST
        && map.own().bytes(ids, 0, ids.length).length == bytes.length;
  }
}
