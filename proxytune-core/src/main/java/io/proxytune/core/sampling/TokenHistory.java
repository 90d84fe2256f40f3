package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The tokens of one sequence: a prompt and what was generated. For one thread at a time. */
public final class TokenHistory {
  private static final int FIRST_CAPACITY = 64;

  private final int[] prompt;
  private int[] generated = new int[FIRST_CAPACITY];
  private int count;
  private int largestId = -1;

  /**
   * Begins with nothing generated.
   *
   * @param prompt the base model's prompt; copied
   */
  public TokenHistory(int[] prompt) {
    for (int id : prompt) {
      checkArgument(id >= 0, "a prompt id must be >= 0, got %s", id);
      largestId = Math.max(largestId, id);
    }
    this.prompt = prompt.clone();
  }

  /**
   * Adds a generated token.
   *
   * @param id at least 0
   */
  public void append(int id) {
    checkArgument(id >= 0, "a token id must be >= 0, got %s", id);
    if (count == generated.length) {
      generated = Arrays.copyOf(generated, 2 * count);
    }
    generated[count++] = id;
    largestId = Math.max(largestId, id);
  }

  /**
   * Forgets all but the first generated tokens.
   *
   * @param keep from 0 to {@link #generatedCount()}
   */
  public void truncate(int keep) {
    checkArgument(
        keep >= 0 && keep <= count, "can keep from 0 to %s generated tokens, got %s", count, keep);
    // A fresh array: views handed out before must not show what is appended from here on.
    generated = Arrays.copyOf(Arrays.copyOf(generated, keep), Math.max(keep, FIRST_CAPACITY));
    count = keep;
  }

  /**
   * How many tokens were generated.
   *
   * @return the count
   */
  public int generatedCount() {
    return count;
  }

  /**
   * The largest id that ever occurred; one that was forgotten since counts too.
   *
   * @return the id, −1 for none
   */
  public int largestId() {
    return largestId;
  }

  /**
   * The position of the next token.
   *
   * @return the number of prompt and generated tokens
   */
  public int position() {
    return prompt.length + count;
  }

  /**
   * A token.
   *
   * @param position its position, the prompt's first token at 0, below {@link #position()}
   * @return its id
   */
  public int id(int position) {
    checkElementIndex(position, position());
    return position < prompt.length ? prompt[position] : generated[position - prompt.length];
  }

  /**
   * Whether the last tokens are these.
   *
   * @param ids token ids; none are the last of any text
   * @return whether prompt and generated tokens end with them
   */
  public boolean endsWith(List<Integer> ids) {
    int first = position() - ids.size();
    if (first < 0) {
      return false;
    }
    for (int i = ids.size() - 1; i >= 0; i--) { // the last token tells most of them apart
      if (id(first + i) != ids.get(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the same tokens stand at two positions.
   *
   * @param first where they stand
   * @param second where they may stand again
   * @param count how many tokens are compared; both places end within the text
   * @return whether they are equal; false where one of the places begins before the text
   */
  boolean isRepeated(int first, int second, int count) {
    if (first < 0 || second < 0) {
      return false;
    }
    for (int i = count - 1; i >= 0; i--) {
      if (id(first + i) != id(second + i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The prompt.
   *
   * @return an unmodifiable view
   */
  public List<Integer> promptIds() {
    return Collections.unmodifiableList(Ints.asList(prompt));
  }

  /**
   * What was generated so far.
   *
   * @return an unmodifiable view of the tokens that are there now
   */
  public List<Integer> generatedIds() {
    return Collections.unmodifiableList(Ints.asList(generated).subList(0, count));
  }
}
