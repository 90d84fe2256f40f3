package io.proxytune.core.decode;

import io.proxytune.GateStats;
import io.proxytune.GenerationStats;
import io.proxytune.TranslationStats;
import io.proxytune.core.retokenizing.RowTranslator.Effort;
import java.util.Optional;

/** What became of the tokens of one text, counted as its reader takes them. For one thread. */
final class Tally {
  private int draftRounds;
  private int draftedTokens;
  private int acceptedTokens;
  private int unsteered;
  private int unasked;
  private int audited;
  private int changed;
  private double divergence;
  private int translated;
  private double unmapped;
  private long spelledTokens;
  private long rereadTokens;

  /** Begins with what was counted of an earlier part of the text. */
  Tally(Optional<GenerationStats> before) {
    before.ifPresent(
        stats -> {
          draftRounds = stats.draftRounds();
          draftedTokens = stats.draftedTokens();
          acceptedTokens = stats.acceptedTokens();
          GateStats gate = stats.gate();
          unsteered = gate.unsteered();
          unasked = gate.unasked();
          audited = gate.audited();
          changed = gate.changed();
          divergence = gate.audited() * gate.divergence();
          TranslationStats translation = stats.translation();
          translated = translation.tokens();
          unmapped = translation.tokens() * translation.unmapped();
          spelledTokens = translation.spelledTokens();
          rereadTokens = translation.rereadTokens();
        });
  }

  void count(Picked next) {
    draftRounds += next.drafted() > 0 ? 1 : 0;
    draftedTokens += next.drafted();
    acceptedTokens += next.kept() ? 1 : 0;
    unsteered += next.gating().unsteered() ? 1 : 0;
    unasked += next.gating().asked() ? 0 : 1;
    Audit audit = next.report().audit();
    if (audit != null) {
      audited++;
      changed += audit.changed() ? 1 : 0;
      divergence += audit.divergence();
    }
    Effort effort = next.report().effort();
    if (effort != null) {
      translated++;
      unmapped += effort.unmapped();
      spelledTokens += effort.spelledTokens();
      rereadTokens += effort.rereadTokens();
    }
  }

  int draftRounds() {
    return draftRounds;
  }

  int draftedTokens() {
    return draftedTokens;
  }

  int acceptedTokens() {
    return acceptedTokens;
  }

  GateStats gate() {
    double mean = audited == 0 ? 0 : divergence / audited;
    return new GateStats(unsteered, unasked, audited, changed, mean);
  }

  TranslationStats translation() {
    double mean = translated == 0 ? 0 : unmapped / translated;
    return new TranslationStats(translated, mean, spelledTokens, rereadTokens);
  }
}
