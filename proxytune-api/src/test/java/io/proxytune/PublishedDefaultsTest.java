package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PublishedDefaultsTest {
  private static final Tokenizer OWN = new Words(List.of("a", "b", "c", "own", "d"));
  private static final Tokenizer BASE = new Words(List.of("d", "c", "b", "a", "other"));

  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults()
          .withMaxNewTokens(7)
          .withBannedIds(Set.of(0, 3, 9))
          .withConstraints(
              TokenConstraints.NONE
                  .withBannedSequences(List.of(List.of(1, 2), List.of(1, 3), List.of(4)))
                  .withBannedAtBegin(Set.of(2, 3))
                  .withNoRepeatNgramSize(3)
                  .withForcedBeginId(1)
                  .withForcedEndIds(Set.of(3, 4)));

  @Test
  void idsBecomeThoseOfTheSameTokens() {
    PublishedDefaults own =
        new PublishedDefaults(OPTIONS, Map.of("num_beams", 4), List.of("num_beams"));

    PublishedDefaults mapped = own.withIdsOf(OWN, BASE);

    assertThat(mapped.options())
        .isEqualTo(
            GenerationOptions.defaults()
                .withMaxNewTokens(7)
                .withBannedIds(Set.of(3))
                .withConstraints(
                    TokenConstraints.NONE
                        .withBannedSequences(List.of(List.of(2, 1), List.of(0)))
                        .withBannedAtBegin(Set.of(1))
                        .withNoRepeatNgramSize(3)
                        .withForcedBeginId(2)
                        .withForcedEndIds(Set.of(0))));
    assertThat(mapped.settings()).isEqualTo(own.settings());
    assertThat(mapped.withoutEffect()).containsExactly("num_beams");
  }

  @Test
  void aForcedTokenThatIsLackingIsWithoutEffect() {
    TokenConstraints forced =
        TokenConstraints.NONE.withForcedBeginId(3).withForcedEndIds(Set.of(3));
    GenerationOptions options = GenerationOptions.defaults().withConstraints(forced);

    PublishedDefaults mapped =
        new PublishedDefaults(options, Map.of("forced_bos_token_id", 3), List.of())
            .withIdsOf(OWN, BASE);

    assertThat(mapped.options()).isEqualTo(GenerationOptions.defaults());
    assertThat(mapped.withoutEffect())
        .containsExactly("forced_bos_token_id", "forced_eos_token_id");
  }

  /** A vocabulary. */
  private record Words(List<String> words) implements Tokenizer {
    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int vocabularySize() {
      return words.size();
    }

    @Override
    public Optional<String> token(int id) {
      return id < words.size() ? Optional.of(words.get(id)) : Optional.empty();
    }

    @Override
    public Optional<Integer> id(String token) {
      return Optional.of(words.indexOf(token)).filter(id -> id >= 0);
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public boolean hasChatTemplate() {
      return false;
    }

    @Override
    public String renderChat(
        List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
      throw new UnsupportedOperationException();
    }
  }
}
