package io.proxytune.core.tokenizer;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Turns ids into text as they come. No piece ends inside a character, and all the pieces with what
 * {@link #finish} returns are what {@code decode(ids, true)} gives.
 *
 * <p>Pending ids are decoded behind a few that came before, since some decoders treat the beginning
 * of a text differently; so an id costs what a window of ids costs, not the whole text.
 *
 * <p><b>Threads:</b> used by one thread at a time.
 */
public final class Detokenizer {
  private final Tokenizer tokenizer;
  private final CharacterRule rule;

  /** Ids whose text is out, in the groups in which it went out: what pending ids stand behind. */
  private final Deque<List<Integer>> context = new ArrayDeque<>();

  private String contextText = "";
  private List<Integer> pending = new ArrayList<>();

  /**
   * Begins a text.
   *
   * @param tokenizer any tokenizer; exact for those of checkpoints, and a good guess for an
   *     application's own
   */
  public Detokenizer(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.rule =
        tokenizer instanceof CheckpointTokenizer known
            ? known.characterRule()
            : CharacterRule.guess(tokenizer);
  }

  /**
   * Adds an id.
   *
   * @param id a token id; special ones and those without a token leave no text
   * @return the text that is now certain, empty where a character is incomplete
   */
  public String add(int id) {
    checkArgument(id >= 0, "a token id must be >= 0, got %s", id);
    if (tokenizer.isSpecial(id) || tokenizer.token(id).isEmpty()) {
      return "";
    }
    pending.add(id);
    return rule.isComplete(pending) ? emit() : "";
  }

  /**
   * Ends the text.
   *
   * @return the text of what was incomplete
   */
  public String finish() {
    return pending.isEmpty() ? "" : emit();
  }

  private String emit() {
    context.add(pending);
    pending = new ArrayList<>();
    String text = decode(context);
    String piece = text.substring(Math.min(contextText.length(), text.length()));
    contextText = text;
    shortenContext();
    return piece;
  }

  /** Drops the oldest groups while the others leave a text that a decoder can't trim away. */
  private void shortenContext() {
    while (context.size() > 1) {
      List<Integer> oldest = context.removeFirst();
      String rest = decode(context);
      if (rest.isEmpty()) {
        context.addFirst(oldest);
        return;
      }
      contextText = rest;
    }
  }

  private String decode(Deque<List<Integer>> groups) {
    int[] ids = groups.stream().flatMap(List::stream).mapToInt(Integer::intValue).toArray();
    return tokenizer.decode(ids, true);
  }
}
