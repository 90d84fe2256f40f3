package io.proxytune.core.speculation;

import io.proxytune.core.session.ModelPass;
import java.util.List;
import java.util.Set;

/** Proposes tokens that may come next. Whatever it proposes, the text stays the same. */
interface Drafter {
  /** The kinds of its drafts. */
  Set<DraftKind> kinds();

  /** Takes over what the texts got; called before each step. */
  default void follow(List<? extends DraftedText> texts) {}

  /**
   * Fills the drafts that are still empty, where it can.
   *
   * @param drafts one of each text
   * @param lengths the most tokens of a draft
   * @param pass takes the rows of a model that reads its own draft
   * @return how many passes of a model it took
   */
  int fill(List<Draft> drafts, DraftLengths lengths, ModelPass pass);
}
