package io.proxytune.core.renumbering;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.SpellsBytes;
import io.proxytune.core.tokenizer.TokenBytes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A tokenizer of new ids. As safe for use by several threads as the one that it wraps. */
public final class RenumberedTokenizer implements Tokenizer, SpellsBytes {
  private final Tokenizer own;
  private final Numbering numbering;

  /**
   * Wraps a tokenizer.
   *
   * @param own the tokenizer
   * @param numbering the new ids of its model
   */
  public RenumberedTokenizer(Tokenizer own, Numbering numbering) {
    this.own = own;
    this.numbering = numbering;
  }

  /**
   * The tokenizer that reads texts.
   *
   * @param tokenizer any tokenizer
   * @return the one that is wrapped, or the same
   */
  public static Tokenizer unwrap(Tokenizer tokenizer) {
    return tokenizer instanceof RenumberedTokenizer renumbered ? renumbered.own : tokenizer;
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return numbering.toNew(own.encode(text, addSpecialTokens));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Ids that the model lacks leave no text.
   */
  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    int[] known =
        Arrays.stream(ids)
            .filter(id -> id < 0 || numbering.has(id))
            .map(id -> id < 0 ? id : numbering.toOwn(id)) // which are for the tokenizer to refuse
            .toArray();
    return own.decode(known, skipSpecialTokens);
  }

  @Override
  public int vocabularySize() {
    return numbering.width();
  }

  @Override
  public Optional<String> token(int id) {
    return numbering.has(id) ? own.token(numbering.toOwn(id)) : Optional.empty();
  }

  @Override
  public Optional<Integer> id(String token) {
    return own.id(token)
        .map(id -> numbering.toNew(new int[] {id}))
        .flatMap(RenumberedTokenizer::only);
  }

  private static Optional<Integer> only(int[] ids) {
    return ids.length == 0 ? Optional.empty() : Optional.of(ids[0]);
  }

  @Override
  public boolean isSpecial(int id) {
    return numbering.has(id) && own.isSpecial(numbering.toOwn(id));
  }

  @Override
  public TokenBytes tokenBytes() {
    TokenBytes bytes = TokenBytes.of(own);
    return new TokenBytes() {
      @Override
      public int size() {
        return numbering.width();
      }

      @Override
      public byte[] bytes(int id) {
        return numbering.has(id) ? bytes.bytes(numbering.toOwn(id)) : new byte[0];
      }
    };
  }

  @Override
  public boolean hasChatTemplate() {
    return own.hasChatTemplate();
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    return own.renderChat(messages, addGenerationPrompt, variables);
  }
}
