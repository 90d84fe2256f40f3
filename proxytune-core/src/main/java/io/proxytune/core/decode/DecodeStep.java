package io.proxytune.core.decode;

import io.proxytune.FinishReason;
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
import io.proxytune.core.speculation.Draft;
import io.proxytune.core.speculation.Speculator;
import io.proxytune.core.speculation.StepReport;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One step of proxy-tuning, from top to bottom.
 *
 * <ol>
 *   <li>It begins with {@link #draft}, where that pays, {@link #read}, and {@link #fuse}.
 *   <li>{@link #next} goes on with {@link #pick}, and with each picked token's {@link
 *       Sequence#stop}, {@link Sequence#emit} and {@link Sequence#append}.
 * </ol>
 *
 * <p>A step has a token for each sequence, or more where a draft was right. They are picked one a
 * call, so that whoever reads a text sees each token, and can end the text, as if each had a step
 * of its own. For one thread at a time.
 */
final class DecodeStep implements AutoCloseable {
  private final Ensemble ensemble;
  private final LogitMath math;
  private final DecodeBatch batch;
  private final List<AutoCloseable> held = new ArrayList<>();
  private final List<Verification> verifications;
  private final RoleLogits roles;
  private final Logits fused;
  private final RowPicks picks;

  /**
   * Begins a step.
   *
   * @param sequences those of the batch that go on
   */
  DecodeStep(
      Ensemble ensemble,
      LogitMath math,
      DecodeBatch batch,
      List<Sequence> sequences,
      Speculator speculator) {
    this.ensemble = ensemble;
    this.math = math;
    this.batch = batch;
    ModelPass pass = hold(new ModelPass());
    try {
      verifications = draft(sequences, speculator, pass);
      read(pass);
      roles = hold(RoleLogits.of(math, pass, sessionsOf(verifications), rowCounts()));
      fused = hold(fuse());
      picks = hold(math.picks(fused));
      sequences.forEach(Sequence::part);
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, this);
      throw e;
    }
  }

  /** Guesses tokens that may come next, which are read along and verified; often none. */
  private static List<Verification> draft(
      List<Sequence> sequences, Speculator speculator, ModelPass pass) {
    List<Draft> drafts = speculator.draft(sequences, pass);
    List<Verification> verifications = new ArrayList<>();
    int row = 0;
    for (int i = 0; i < sequences.size(); i++) {
      Sequence sequence = sequences.get(i);
      Verification next =
          drafts.isEmpty()
              ? Verification.ofNothing(sequence, row)
              : Verification.of(sequence, drafts.get(i), row);
      verifications.add(next);
      row += next.rows();
    }
    return verifications;
  }

  /** Every model reads what is new: a prompt's end or the last token, and the draft behind it. */
  private void read(ModelPass pass) {
    verifications.forEach(each -> each.sequence().sessions().draft(each.draft()));
    boolean plain = verifications.stream().allMatch(each -> each.rows() == 1);
    pass.read(
        RoleSessions.unread(sessionsOf(verifications)),
        Integer.MAX_VALUE,
        plain ? Rows.LAST : Rows.ALL);
  }

  /** {@code base + Σ α · (expert − anti-expert)}, a row for each token to pick. */
  private Logits fuse() {
    return roles.fuseToPick(ensemble, batch.pairs());
  }

  /** The next token of each sequence that has a row left. */
  void next() {
    List<Verification> open = verifications.stream().filter(Verification::goesOn).toList();
    for (Picked picked : pick(open)) {
      picked.verification.compare(picked.id);
      Sequence sequence = picked.verification.sequence();
      Optional<FinishReason> end = sequence.stop(picked.id);
      sequence.emit(picked.id, picked.logprobs);
      end.ifPresentOrElse(sequence::finish, () -> sequence.append(picked.id));
    }
  }

  /** The next token of a sequence. */
  private record Picked(Verification verification, int id, @Nullable TokenLogprobs logprobs) {}

  private List<Picked> pick(List<Verification> open) {
    int[] rows = open.stream().mapToInt(Verification::row).toArray();
    try {
      int[] ids = picks.pick(rows, open.stream().map(each -> each.sequence().state()).toList());
      // Only now is it certain that the logits are there: a device computes asynchronously.
      open.forEach(each -> each.sequence().timings().logits());
      List<TokenLogprobs> logprobs = batch.options().logprobs() ? logprobs(rows, ids) : List.of();
      return IntStream.range(0, ids.length)
          .mapToObj(
              i -> new Picked(open.get(i), ids[i], logprobs.isEmpty() ? null : logprobs.get(i)))
          .toList();
    } catch (ModelException e) {
      throw explained(e, rows, open);
    }
  }

  private List<TokenLogprobs> logprobs(int[] rows, int[] ids) {
    List<ModelRole> order = batch.roles();
    try (RoleLogits someRoles = roles.at(rows);
        Logits distribution = someRoles.fuse(ensemble, batch.pairs())) {
      return new LogprobReport(math, batch.options().topLogprobs())
          .of(someRoles, order, distribution, ids);
    }
  }

  private ModelException explained(ModelException failure, int[] rows, List<Verification> open) {
    try (RoleLogits someRoles = roles.at(rows);
        Logits some = math.select(fused, rows)) {
      return new LogitFault(someRoles, some, sessionsOf(open)).explain(failure);
    }
  }

  private static List<RoleSessions> sessionsOf(List<Verification> verifications) {
    return verifications.stream().map(each -> each.sequence().sessions()).toList();
  }

  private int[] rowCounts() {
    return verifications.stream().mapToInt(Verification::rows).toArray();
  }

  /** Whether no row is left that a token can be picked from. */
  boolean isOver() {
    return verifications.stream().noneMatch(Verification::goesOn);
  }

  /** What came of each sequence's draft. */
  List<StepReport.Outcome> outcomes() {
    return verifications.stream().map(Verification::outcome).toList();
  }

  private <T extends AutoCloseable> T hold(T resource) {
    held.add(0, resource);
    return resource;
  }

  /** Frees the logits. Closing twice does nothing. */
  @Override
  public void close() {
    Closeables.all(held);
    held.clear();
  }
}
