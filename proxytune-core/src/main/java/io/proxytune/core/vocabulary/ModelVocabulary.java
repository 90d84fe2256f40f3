package io.proxytune.core.vocabulary;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.SplitsText;
import io.proxytune.core.tokenizer.format.Splitting;
import java.util.Optional;

/**
 * The ids of a model: immutable.
 *
 * @param tokenizer says which token an id is, if anything does
 * @param width the number of logits in a row, at least 1; ids at or above it don't count
 */
public record ModelVocabulary(Optional<Tokenizer> tokenizer, int width) {
  public ModelVocabulary {
    checkArgument(width >= 1, "width must be >= 1, got %s", width);
  }

  /**
   * The token of an id.
   *
   * @param id an id, at least 0
   * @return the token, if the tokenizer has one and the model a logit for it
   */
  public Optional<String> token(int id) {
    return id < width ? tokenizer.flatMap(t -> t.token(id)) : Optional.empty();
  }

  /**
   * The id of a token.
   *
   * @param token a token as the vocabulary spells it
   * @return the id, if the tokenizer has one and the model a logit for it
   */
  public Optional<Integer> id(String token) {
    return tokenizer.flatMap(t -> t.id(token)).filter(id -> id < width);
  }

  /**
   * How texts are split into these tokens.
   *
   * @return what decides it, where that is known
   */
  Optional<Splitting> splitting() {
    return tokenizer.filter(SplitsText.class::isInstance).map(t -> ((SplitsText) t).splitting());
  }
}
