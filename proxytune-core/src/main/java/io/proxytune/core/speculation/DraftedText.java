package io.proxytune.core.speculation;

import io.proxytune.Token;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.session.RoleSessions;
import java.util.List;

/** What drafters know of a text that goes on. For one thread at a time. */
public interface DraftedText {
  /**
   * What the base read first.
   *
   * @return its prompt's ids; not changed by anyone
   */
  int[] basePrompt();

  /**
   * What came out so far.
   *
   * @return the tokens in order
   */
  List<Token> tokens();

  /**
   * Where the models read.
   *
   * @return the open sessions
   */
  RoleSessions sessions();

  /**
   * How many tokens may be drafted: what the last one gives is picked from the row after it.
   *
   * @return at least 0
   */
  int draftRoom();

  /**
   * Whether an id ends the text.
   *
   * @param id a token id
   * @return whether it does
   */
  boolean isEnd(int id);

  /**
   * What sampling remembers of the text.
   *
   * @return the state; not changed by drafters
   */
  SamplerState state();

  /**
   * How a drafter picks tokens: as nearly the same as it can without the application's code.
   *
   * @param width the number of the drafter's logits
   * @return the plan
   */
  SamplingPlan draftPlan(int width);

  /**
   * What drafters remember of this text.
   *
   * @return always the same; it is closed with the text
   */
  TextDrafts drafts();
}
