package io.proxytune.core.decode;

import io.proxytune.core.decode.PromptLookup.Match;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Drafts what followed the last tokens where they occurred before. */
final class LookupDrafter implements Drafter {
  private final Map<Sequence, PromptLookup> lookups = new HashMap<>();

  @Override
  public Set<DraftKind> kinds() {
    return EnumSet.range(DraftKind.LOOKUP_1, DraftKind.LOOKUP_3);
  }

  @Override
  public int fill(List<Draft> drafts, DraftLengths lengths, ModelPass pass) {
    if (kinds().stream().anyMatch(kind -> lengths.of(kind) > 0)) {
      drafts.stream().filter(Draft::isEmpty).forEach(draft -> fill(draft, lengths));
    }
    return 0;
  }

  private void fill(Draft draft, DraftLengths lengths) {
    PromptLookup lookup = upToDate(draft.sequence());
    Match match = lookup.find();
    if (match.length() > 0) {
      DraftKind kind = DraftKind.lookup(match.length());
      int length = Math.min(lengths.of(kind), draft.room());
      int[] found = lookup.continuation(match, Math.max(0, length));
      int i = 0;
      while (i < found.length && draft.offer(found[i], kind)) {
        i++;
      }
    }
  }

  private PromptLookup upToDate(Sequence sequence) {
    int[] prompt = sequence.basePrompt();
    PromptLookup lookup = lookups.computeIfAbsent(sequence, s -> new PromptLookup(prompt));
    for (int i = lookup.size() - prompt.length; i < sequence.tokens().size(); i++) {
      lookup.append(sequence.tokens().get(i).id());
    }
    return lookup;
  }

  @Override
  public void close() {
    lookups.clear();
  }
}
