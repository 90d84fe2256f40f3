package io.proxytune.core.decode;

import io.proxytune.core.session.ModelPass;
import io.proxytune.core.speculation.DraftKind;
import io.proxytune.core.speculation.DraftLengths;
import java.util.List;
import java.util.Set;

/** Proposes tokens that may come next. Whatever it proposes, the text stays the same. */
interface Drafter extends AutoCloseable {
  /** The kinds of its drafts. */
  Set<DraftKind> kinds();

  /** Takes over what the sequences got; called before each step. */
  default void follow(List<Sequence> sequences) {}

  /**
   * Fills the drafts that are still empty, where it can.
   *
   * @param drafts one of each sequence
   * @param lengths the most tokens of a draft
   * @param pass takes the rows of a model that reads its own draft
   * @return how many passes of a model it took
   */
  int fill(List<Draft> drafts, DraftLengths lengths, ModelPass pass);

  @Override
  void close();
}
