package io.proxytune.core.speculation;

import io.proxytune.ModelException;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.RoleSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Drafts what the expert alone would pick, with the sampler, penalties and noise of the request. A
 * draft that uses the noise of the position agrees with the fused pick nearly as often as any can
 * (arXiv 2408.07978). The application's own code takes no part: it is not called for drafts.
 */
final class ExpertDrafter implements Drafter {
  private final LogitMath math;
  private final Ensemble ensemble;
  private final ModelRole expert;

  ExpertDrafter(LogitMath math, Ensemble ensemble, ModelRole expert) {
    this.math = math;
    this.ensemble = ensemble;
    this.expert = expert;
  }

  /**
   * The expert that drafts: of the first pair that pulls towards it, and not the base's own
   * weights, which cost as much as what they save. None where experts are not to be asked for every
   * token, as drafting does.
   */
  static Optional<ModelRole> choose(Ensemble ensemble, List<SteeringPair> pairs) {
    if (ensemble.asksWhereNeeded()) {
      return Optional.empty();
    }
    return pairs.stream()
        .filter(pair -> pair.alpha() > 0)
        .map(SteeringPair::expert)
        .filter(expert -> expert.source().host() != ensemble.base().source().host())
        .findFirst();
  }

  @Override
  public Set<DraftKind> kinds() {
    return Set.of(DraftKind.EXPERT);
  }

  @Override
  public int fill(List<Draft> drafts, DraftLengths lengths, ModelPass pass) {
    List<Draft> open = drafts.stream().filter(d -> d.isEmpty() && d.room() > 0).toList();
    int steps = 0;
    if (lengths.of(DraftKind.EXPERT) > 0) {
      open.forEach(draft -> stateOf(draft.text()).follow(draft.text().tokens()));
    }
    while (steps < lengths.of(DraftKind.EXPERT) && !open.isEmpty()) {
      open = step(open, pass).stream().filter(draft -> draft.room() > 0).toList();
      steps++;
    }
    return steps;
  }

  /** Adds a token to each draft; returns those that go on. */
  private List<Draft> step(List<Draft> drafts, ModelPass pass) {
    List<RoleSession> sessions = drafts.stream().map(d -> d.text().sessions().of(expert)).toList();
    for (int i = 0; i < sessions.size(); i++) {
      sessions.get(i).draft(drafts.get(i).ids());
    }
    pass.read(sessions, Integer.MAX_VALUE, Rows.LAST);
    int[] ids = pick(pass.latest(), drafts);
    List<Draft> longer = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      Draft draft = drafts.get(i);
      if (draft.offer(ids[i], DraftKind.EXPERT)) {
        stateOf(draft.text()).append(ids[i]);
        longer.add(draft);
      }
    }
    return longer;
  }

  /** Nothing where no token can be picked: that is for the fused logits to complain about. */
  private int[] pick(Logits rows, List<Draft> drafts) {
    try (Logits expertAlone =
        math.fuse(rows, List.of(), ensemble.emittable(), expert.source().logitCap())) {
      return math.pick(expertAlone, drafts.stream().map(d -> stateOf(d.text()).state()).toList());
    } catch (ModelException e) {
      return new int[0];
    }
  }

  private DraftState stateOf(DraftedText text) {
    return text.drafts()
        .state(
            () ->
                new DraftState(
                    math.newState(text.draftPlan(expert.source().width()), text.basePrompt())));
  }
}
