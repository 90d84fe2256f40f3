package io.proxytune.core.renumbering;

import io.proxytune.core.vocabulary.ModelVocabulary;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * New ids for all ids of a model: for each token that another model has, that model's id; for those
 * without a token, which rows are padded with, ids that the other one pads its rows with; for all
 * others ids behind the other's. Immutable.
 */
public final class Numbering {
  private static final int NONE = -1;

  private final int[] toNew;
  private final int[] toOwn;

  private Numbering(int[] toNew, int[] toOwn) {
    this.toNew = toNew;
    this.toOwn = toOwn;
  }

  /**
   * Numbers a model's ids as another's.
   *
   * @param own the model's vocabulary
   * @param like the vocabulary whose ids its tokens are to have
   * @return the numbering
   */
  public static Numbering of(ModelVocabulary own, ModelVocabulary like) {
    int[] toNew = new int[own.width()];
    int[] toOwn = new int[like.width() + own.width()];
    Arrays.fill(toOwn, NONE);
    int end = like.width();
    int padding = nextPadding(like, -1);
    for (int id = 0; id < toNew.length; id++) {
      int wanted = own.token(id).isEmpty() ? padding : own.token(id).flatMap(like::id).orElse(end);
      boolean isFree = wanted < like.width() && toOwn[wanted] == NONE; // a token may be there twice
      toNew[id] = isFree ? wanted : end++;
      toOwn[toNew[id]] = id;
      padding = wanted == padding ? nextPadding(like, padding) : padding;
    }
    return new Numbering(toNew, Arrays.copyOf(toOwn, end));
  }

  /** The next id without a token, or the width. */
  private static int nextPadding(ModelVocabulary vocabulary, int before) {
    int id = Math.min(before + 1, vocabulary.width());
    while (id < vocabulary.width() && vocabulary.token(id).isPresent()) {
      id++;
    }
    return id;
  }

  /**
   * The number of new ids, those without an id of the model included.
   *
   * @return at least the width of the vocabulary whose ids they are
   */
  int width() {
    return toOwn.length;
  }

  /**
   * Whether the model has a new id.
   *
   * @param id any id
   * @return whether {@link #toOwn} takes it
   */
  boolean has(int id) {
    return id >= 0 && id < toOwn.length && toOwn[id] != NONE;
  }

  /** The model's id of a new one that it has. */
  int toOwn(int id) {
    return toOwn[id];
  }

  /** The new id of one of the model's. */
  int toNew(int own) {
    return toNew[own];
  }

  /** The new ids of the model's; those that it has no logit for are left out. */
  int[] toNew(int[] own) {
    return IntStream.of(own).filter(id -> id < toNew.length).map(id -> toNew[id]).toArray();
  }

  /** Which of the model's logits each new id has; negative for none. */
  int[] sources() {
    return toOwn.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Numbering same
        && Arrays.equals(toNew, same.toNew)
        && Arrays.equals(toOwn, same.toOwn);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toNew);
  }
}
