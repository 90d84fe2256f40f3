package io.proxytune.core.ensemble;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.core.renumbering.RenumberedModel;
import io.proxytune.core.retokenizing.RetokenizedModel;
import io.proxytune.model.LogitModel;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A model in one of its places.
 *
 * @param role what the model is for
 * @param pair the index of its expert pair; 0 for the base
 * @param source the model
 * @param vocabulary the tokenizer that says which ids the model has, if any does
 * @param textTokenizer the tokenizer that encodes this role's texts, if any does
 */
public record ModelRole(
    Role role,
    int pair,
    LogitModel source,
    Optional<Tokenizer> vocabulary,
    Optional<Tokenizer> textTokenizer) {

  /**
   * Names the role in messages.
   *
   * @return a name such as {@code expert of pair 0 ('llama-2-7b-chat')}
   */
  public String describe() {
    return place(role, pair) + " ('" + source.name() + "')";
  }

  /** For messages, such as {@code expert of pair 0}. */
  static String place(Role role, int pair) {
    String place = role.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return role == Role.BASE ? place : place + " of pair " + pair;
  }

  /** Whether the model has this id, in its row of logits and in its vocabulary. */
  boolean hasId(int id) {
    return reads(id) && vocabulary.map(v -> v.token(id).isPresent()).orElse(true);
  }

  /**
   * Whether the model has a logit for this id, and an embedding, be it a token or not.
   *
   * @param id any id
   * @return whether it can be read
   */
  public boolean reads(int id) {
    if (source instanceof RetokenizedModel retokenized) {
      return retokenized.reads(id);
    }
    return id >= 0
        && (source instanceof RenumberedModel renumbered
            ? renumbered.has(id)
            : id < source.width());
  }

  /**
   * The tokenizer of this role's texts.
   *
   * @return the tokenizer
   * @throws IllegalArgumentException if there is none
   */
  public Tokenizer requireTokenizer() {
    checkArgument(
        textTokenizer.isPresent(),
        "the %s has no tokenizer: give ProxyTunerBuilder.tokenizer(...) one, or use"
            + " Prompt.ofIds(...)",
        describe());
    return textTokenizer.get();
  }

  /** A tuner has one model in each place; an application's own {@code equals} stays out of it. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ModelRole same && role == same.role && pair == same.pair;
  }

  @Override
  public int hashCode() {
    return Objects.hash(role, pair);
  }
}
