package io.proxytune.core.tokenizer;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Strings;
import com.google.common.primitives.Ints;
import io.proxytune.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Turns ids into text as they come. No piece ends inside a character, and all the pieces with what
 * {@link #finish} returns are what {@code decode(ids, true)} gives; behind a prompt, what prompt
 * and ids give together beyond the prompt's own text.
 *
 * <p>Pending ids are decoded behind a few that came before, since some decoders treat the beginning
 * of a text differently; so an id costs what a window of ids costs, not the whole text.
 *
 * <p><b>Threads:</b> used by one thread at a time.
 */
public final class Detokenizer {
  /** How often more of a prompt is decoded, if it leaves no text. */
  private static final int MAX_TRIES = 32;

  private final Tokenizer tokenizer;
  private final CharacterRule rule;

  /** Ids whose text is out, in the groups in which it went out: what pending ids stand behind. */
  private final Deque<List<Integer>> context = new ArrayDeque<>();

  private String contextText = "";

  /** What the prompt ends with, where that is no whole character; pending ids go on with it. */
  private List<Integer> open = List.of();

  private List<Integer> pending = new ArrayList<>();

  /**
   * Begins a text that follows nothing.
   *
   * @param tokenizer any tokenizer; exact for those of checkpoints, and a good guess for an
   *     application's own
   */
  public Detokenizer(Tokenizer tokenizer) {
    this(tokenizer, new int[0]);
  }

  /**
   * Begins a text.
   *
   * @param tokenizer any tokenizer; exact for those of checkpoints, and a good guess for an
   *     application's own
   * @param promptIds what the text follows; may be empty
   */
  public Detokenizer(Tokenizer tokenizer, int[] promptIds) {
    this.tokenizer = tokenizer;
    this.rule =
        tokenizer instanceof CheckpointTokenizer known
            ? known.characterRule()
            : CharacterRule.guess(tokenizer);
    begin(IntStream.of(promptIds).filter(this::leavesText).boxed().toList());
  }

  /** Puts the end of a prompt behind pending ids: as much of it as leaves a text. */
  private void begin(List<Integer> prompt) {
    int start = prompt.size();
    int tries = 0;
    while (start > 0 && contextText.isEmpty() && tries < MAX_TRIES) {
      start--;
      if (start == 0 || rule.isComplete(prompt.subList(0, start))) {
        contextText = decode(prompt.subList(start, prompt.size()));
        tries++;
      }
    }
    List<Integer> end = prompt.subList(start, prompt.size());
    if (!end.isEmpty()) {
      context.add(end);
      open = rule.isComplete(end) ? List.of() : end;
    }
  }

  private boolean leavesText(int id) {
    return !tokenizer.isSpecial(id) && tokenizer.token(id).isPresent();
  }

  /**
   * Adds an id.
   *
   * @param id a token id; special ones and those without a token leave no text
   * @return the text that is now certain, empty where a character is incomplete
   */
  public String add(int id) {
    checkArgument(id >= 0, "a token id must be >= 0, got %s", id);
    if (!leavesText(id)) {
      return "";
    }
    pending.add(id);
    return isComplete() ? emit() : "";
  }

  private boolean isComplete() {
    return rule.isComplete(
        open.isEmpty() ? pending : Stream.concat(open.stream(), pending.stream()).toList());
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
    open = List.of();
    String text = decode(context.stream().flatMap(List::stream).toList());
    String piece = text.substring(known(text));
    contextText = text;
    shortenContext();
    return piece;
  }

  /**
   * How much of a text is out: what it shares with the text of the context. That is all of it,
   * unless the prompt ended inside a character that is whole now, or spoilt.
   */
  private int known(String text) {
    return Strings.commonPrefix(contextText, text).length();
  }

  /** Drops the oldest groups while the others leave a text that a decoder can't trim away. */
  private void shortenContext() {
    while (context.size() > 1) {
      List<Integer> oldest = context.removeFirst();
      String rest = decode(context.stream().flatMap(List::stream).toList());
      if (rest.isEmpty()) {
        context.addFirst(oldest);
        return;
      }
      contextText = rest;
    }
  }

  private String decode(List<Integer> ids) {
    return tokenizer.decode(Ints.toArray(ids), true);
  }
}
