package io.proxytune.core.decode;

import io.proxytune.ModelException;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.RowPicks;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.speculation.StepReport;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A pass of all models, and the tokens that are picked from its rows: one of each sequence, or more
 * where a draft was right. They are picked one a call, so that whoever reads a text sees each
 * token, and can end the text, as if each had a pass of its own. For one thread at a time.
 */
final class DecodeStep implements AutoCloseable {
  private final Ensemble ensemble;
  private final LogitMath math;
  private final DecodeBatch batch;
  private final List<Verification> verifications = new ArrayList<>();
  private final List<AutoCloseable> held = new ArrayList<>();
  private final RoleLogits roles;
  private final Logits fused;
  private final RowPicks picks;

  /**
   * Fuses the rows of a pass, which it takes over.
   *
   * @param drafts what was drafted for each sequence
   */
  DecodeStep(
      Ensemble ensemble, LogitMath math, DecodeBatch batch, ModelPass pass, List<Draft> drafts) {
    this.ensemble = ensemble;
    this.math = math;
    this.batch = batch;
    int row = 0;
    for (Draft draft : drafts) {
      Verification verification = new Verification(draft, row);
      verifications.add(verification);
      row += verification.rows();
    }
    int[] counts = verifications.stream().mapToInt(Verification::rows).toArray();
    held.add(pass);
    try {
      roles = hold(RoleLogits.of(math, pass, sessionsOf(verifications), counts));
      fused = hold(roles.fuseToPick(ensemble, batch.pairs()));
      picks = hold(math.picks(fused));
      verifications.forEach(verification -> verification.sequence().part());
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, this);
      throw e;
    }
  }

  private <T extends AutoCloseable> T hold(T resource) {
    held.add(0, resource);
    return resource;
  }

  private static List<RoleSessions> sessionsOf(List<Verification> verifications) {
    return verifications.stream().map(verification -> verification.sequence().sessions()).toList();
  }

  /** Whether no row is left that a token can be picked from. */
  boolean isOver() {
    return verifications.stream().noneMatch(Verification::goesOn);
  }

  /** Picks the next token of each sequence that has one. */
  void next() {
    List<Verification> current = verifications.stream().filter(Verification::goesOn).toList();
    for (Picked picked : pick(current)) {
      picked.verification.accept(picked.id, picked.logprobs);
    }
  }

  /** The next token of a sequence. */
  private record Picked(Verification verification, int id, @Nullable TokenLogprobs logprobs) {}

  private List<Picked> pick(List<Verification> current) {
    int[] rows = current.stream().mapToInt(Verification::row).toArray();
    try {
      int[] ids =
          picks.pick(
              rows, current.stream().map(verification -> verification.sequence().state()).toList());
      // Only now is it certain that the logits are there: a device computes asynchronously.
      current.forEach(verification -> verification.sequence().timings().logits());
      List<TokenLogprobs> logprobs =
          batch.options().logprobs() ? logprobs(rows, ids, current) : List.of();
      return IntStream.range(0, ids.length)
          .mapToObj(
              i -> new Picked(current.get(i), ids[i], logprobs.isEmpty() ? null : logprobs.get(i)))
          .toList();
    } catch (ModelException e) {
      throw explained(e, rows, current);
    }
  }

  private List<TokenLogprobs> logprobs(int[] rows, int[] ids, List<Verification> current) {
    List<ModelRole> order = current.get(0).sequence().sessions().plan().roles();
    try (RoleLogits someRoles = roles.at(rows);
        Logits distribution = someRoles.fuse(ensemble, batch.pairs())) {
      return new LogprobReport(math, batch.options().topLogprobs())
          .of(someRoles, order, distribution, ids);
    }
  }

  private ModelException explained(ModelException failure, int[] rows, List<Verification> current) {
    try (RoleLogits someRoles = roles.at(rows);
        Logits some = math.select(fused, rows)) {
      return new LogitFault(someRoles, some, sessionsOf(current)).explain(failure);
    }
  }

  /** What came of each sequence's draft. */
  List<StepReport.Outcome> outcomes() {
    return verifications.stream().map(Verification::outcome).toList();
  }

  @Override
  public void close() {
    Closeables.all(held);
    held.clear();
  }
}
