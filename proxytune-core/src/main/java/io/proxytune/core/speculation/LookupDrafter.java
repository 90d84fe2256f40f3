package io.proxytune.core.speculation;

import io.proxytune.core.session.ModelPass;
import io.proxytune.core.speculation.PromptLookup.Match;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Drafts what followed the last tokens where they occurred before. */
final class LookupDrafter implements Drafter {
  private final DraftPolicy policy;

  /**
   * Makes a drafter.
   *
   * @param policy learns how often lookup is right, whether that was drafted or not
   */
  LookupDrafter(DraftPolicy policy) {
    this.policy = policy;
  }

  @Override
  public Set<DraftKind> kinds() {
    return EnumSet.range(DraftKind.LOOKUP_1, DraftKind.LOOKUP_3);
  }

  @Override
  public void follow(List<? extends DraftedText> texts) {
    texts.forEach(this::follow);
  }

  private void follow(DraftedText text) {
    int[] prompt = text.basePrompt();
    PromptLookup lookup = text.drafts().lookup(prompt);
    for (int i = lookup.size() - prompt.length; i < text.tokens().size(); i++) {
      int id = text.tokens().get(i).id();
      Match match = lookup.find();
      if (match.length() > 0) {
        int foretold = lookup.continuation(match, 1)[0];
        policy.observe(DraftKind.lookup(match.length()), foretold == id);
      }
      lookup.append(id);
    }
  }

  @Override
  public int fill(List<Draft> drafts, DraftLengths lengths, ModelPass pass) {
    if (kinds().stream().anyMatch(kind -> lengths.of(kind) > 0)) {
      drafts.stream().filter(Draft::isEmpty).forEach(draft -> fill(draft, lengths));
    }
    return 0;
  }

  private void fill(Draft draft, DraftLengths lengths) {
    PromptLookup lookup = draft.text().drafts().lookup(draft.text().basePrompt());
    Match match = lookup.find();
    if (match.length() > 0) {
      DraftKind kind = DraftKind.lookup(match.length());
      int length = Math.min(lengths.of(kind), draft.room());
      int[] found = lookup.continuation(match, Math.max(0, length));
      int allowed = draft.text().state().allowed(found);
      int i = 0;
      while (i < allowed && draft.offer(found[i], kind)) {
        i++;
      }
    }
  }
}
