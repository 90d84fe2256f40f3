package io.proxytune.core.prompt;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import io.proxytune.ChatTemplateException;
import io.proxytune.ContextLengthException;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.message.ChatRendering;
import io.proxytune.core.renumbering.RenumberedTokenizer;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.util.Optional;

/** What each model reads of a prompt: its token ids. Immutable. */
public final class PromptEncoder {
  private final boolean steered;

  /**
   * Prepares encoding.
   *
   * @param steered whether pairs steer the base
   */
  public PromptEncoder(boolean steered) {
    this.steered = steered;
  }

  /**
   * Encodes a prompt for one model and checks that the model can read it.
   *
   * @param prompt the prompt
   * @param role the model in its place
   * @return at least one id, all of them the model's, with room for one more
   * @throws IllegalArgumentException if the prompt is empty, or holds ids that the model lacks
   * @throws ContextLengthException if the model's context has no room for one more token
   */
  public int[] encode(Prompt prompt, ModelRole role) {
    return checked(ids(prompt, role), role);
  }

  /**
   * Checks that a model can read ids, and as many as that.
   *
   * @param ids the ids of a prompt
   * @param role the model in its place
   * @return the ids
   */
  public static int[] checked(int[] ids, ModelRole role) {
    checkArgument(
        ids.length > 0,
        "the prompt of the %s is empty: give it a text or ids of at least one token",
        role.describe());
    checkIds(ids, role, "the prompt");
    checkRoom(ids.length, 1, role);
    return ids;
  }

  /**
   * A text as a model reads it.
   *
   * @param text not empty
   * @param plain whether its tokenizer adds special tokens; a rendered conversation has its own
   */
  record PromptText(String text, boolean plain) {}

  /** The text that a model reads; nothing for a prompt that is ids. */
  Optional<PromptText> text(Prompt prompt, ModelRole role) {
    Optional<String> own = prompt.textFor(role.role(), role.pair());
    if (own.isEmpty() && prompt.ids().isPresent()) {
      return Optional.empty();
    }
    if (own.isEmpty() && prompt.usesChatTemplate(role.role(), steered)) {
      return Optional.of(new PromptText(rendered(prompt, role), false));
    }
    String text = own.orElseGet(prompt::plainText);
    checkArgument(
        !text.isEmpty(),
        "the prompt of the %s is empty: give it a text; a program can begin from nothing with the"
            + " ids of special tokens (Prompt.ofIds)",
        role.describe());
    return Optional.of(new PromptText(text, true));
  }

  private int[] ids(Prompt prompt, ModelRole role) {
    return text(prompt, role)
        .map(text -> encode(text, role))
        .orElseGet(() -> Ints.toArray(prompt.ids().orElseThrow()));
  }

  /** Encodes a text, unless it is plain that it can't fit: a long one takes its time. */
  private static int[] encode(PromptText prompt, ModelRole role) {
    requireFit(prompt.text(), role, "the prompt");
    return role.requireTokenizer().encode(prompt.text(), prompt.plain());
  }

  /**
   * Refuses a text of which it is plain without encoding it that its tokens can't fit.
   *
   * @param what what the text is, for the message
   */
  static void requireFit(String text, ModelRole role, String what) {
    int limit = role.source().contextLength();
    if (RenumberedTokenizer.unwrap(role.requireTokenizer()) instanceof CheckpointTokenizer known
        && known.fewestTokens(text) > limit) {
      throw new ContextLengthException(
          String.format(
              "%s of the %s has %d characters, which are at least %d tokens, but the model's"
                  + " context holds %d tokens: shorten %s",
              what, role.describe(), text.length(), known.fewestTokens(text), limit, what));
    }
  }

  private static String rendered(Prompt prompt, ModelRole role) {
    Tokenizer tokenizer = role.requireTokenizer();
    if (!tokenizer.hasChatTemplate()) {
      throw new ChatTemplateException(
          String.format(
              "the %s has no chat template, and the conversation is to be rendered for it: name the"
                  + " roles that have one (Prompt.withChatTemplateFor(...); --template-roles), none"
                  + " for plain text, or give it a text (Prompt.withText(Role.%s, ...))",
              role.describe(), role.role()));
    }
    return ChatRendering.of(prompt, tokenizer) + prompt.responsePrefix();
  }

  /**
   * Refuses ids that a model's embedding lacks.
   *
   * @param ids the ids
   * @param role the model in its place
   * @param what what the ids are, for the message
   * @throws IllegalArgumentException if there is such an id
   */
  public static void checkIds(int[] ids, ModelRole role, String what) {
    int width = role.source().width();
    for (int id : ids) {
      checkArgument(
          role.reads(id),
          "%s holds token id %s, but the %s has ids 0 to %s%s: %s",
          what,
          id,
          role.describe(),
          width - 1,
          id >= 0 && id < width ? " without it" : "",
          role.role() == Role.BASE
              ? "encode it with the base's own tokenizer"
              : "give this role a text of its own with Prompt.withText(...)");
    }
  }

  /**
   * Refuses what a model's context can't hold.
   *
   * @param promptTokens the number of the prompt's tokens
   * @param more how many are to follow, at least
   * @param role the model in its place
   * @throws ContextLengthException if there is no room
   */
  public static void checkRoom(int promptTokens, int more, ModelRole role) {
    int limit = role.source().contextLength();
    if ((long) promptTokens + more > limit) {
      throw new ContextLengthException(
          String.format(
              "the prompt of the %s has %d tokens and is to be followed by at least %d, but the"
                  + " model's context holds %d tokens: shorten the prompt",
              role.describe(), promptTokens, more, limit));
    }
  }
}
