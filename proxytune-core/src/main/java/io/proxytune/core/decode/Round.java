package io.proxytune.core.decode;

import io.proxytune.Logits;
import io.proxytune.ModelException;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.RowPicks;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A pass of all models, and the tokens that are picked from its rows: one of each sequence, or more
 * where a draft was right. They are picked one a step, so that whoever reads a text sees each
 * token, and can end the text, as if each had a pass of its own. For one thread at a time.
 */
final class Round implements AutoCloseable {
  private final Ensemble ensemble;
  private final LogitMath math;
  private final DecodeBatch batch;
  private final List<Turn> turns = new ArrayList<>();
  private final List<AutoCloseable> held = new ArrayList<>();
  private final RoleLogits roles;
  private final Logits fused;
  private final RowPicks picks;

  /**
   * Fuses the rows of a pass, which it takes over.
   *
   * @param drafts what was drafted for each sequence
   */
  Round(Ensemble ensemble, LogitMath math, DecodeBatch batch, ModelPass pass, List<Draft> drafts) {
    this.ensemble = ensemble;
    this.math = math;
    this.batch = batch;
    int row = 0;
    for (Draft draft : drafts) {
      Turn turn = new Turn(draft, row);
      turns.add(turn);
      row += turn.rows();
    }
    int[] counts = turns.stream().mapToInt(Turn::rows).toArray();
    held.add(pass);
    try {
      roles = hold(RoleLogits.of(math, pass, laneSets(turns), counts));
      fused = hold(roles.fuseToPick(ensemble, batch.pairs()));
      picks = hold(math.picks(fused));
      turns.forEach(turn -> turn.sequence().part());
    } catch (RuntimeException | Error e) {
      Closing.quietly(e, this);
      throw e;
    }
  }

  private <T extends AutoCloseable> T hold(T resource) {
    held.add(0, resource);
    return resource;
  }

  private static List<LaneSet> laneSets(List<Turn> turns) {
    return turns.stream().map(turn -> turn.sequence().lanes()).toList();
  }

  /** Whether no row is left that a token can be picked from. */
  boolean isOver() {
    return turns.stream().noneMatch(Turn::goesOn);
  }

  /** Picks the next token of each sequence that has one. */
  void step() {
    List<Turn> current = turns.stream().filter(Turn::goesOn).toList();
    for (Picked picked : pick(current)) {
      picked.turn.accept(picked.id, picked.logprobs);
    }
  }

  /** The next token of a sequence. */
  private record Picked(Turn turn, int id, @Nullable TokenLogprobs logprobs) {}

  private List<Picked> pick(List<Turn> current) {
    int[] rows = current.stream().mapToInt(Turn::row).toArray();
    try {
      int[] ids = picks.pick(rows, current.stream().map(turn -> turn.sequence().state()).toList());
      // Only now is it certain that the logits are there: a device computes asynchronously.
      current.forEach(turn -> turn.sequence().timings().logits());
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

  private List<TokenLogprobs> logprobs(int[] rows, int[] ids, List<Turn> current) {
    List<ModelRole> order = current.get(0).sequence().lanes().plan().roles();
    try (RoleLogits someRoles = roles.at(rows);
        Logits distribution = someRoles.fuse(ensemble, batch.pairs())) {
      return new LogprobReport(math, batch.options().topLogprobs())
          .of(someRoles, order, distribution, ids);
    }
  }

  private ModelException explained(ModelException failure, int[] rows, List<Turn> current) {
    try (RoleLogits someRoles = roles.at(rows);
        Logits some = math.select(fused, rows)) {
      return new LogitFault(someRoles, some, laneSets(current)).explain(failure);
    }
  }

  /** What came of each sequence's draft. */
  List<RoundReport.Outcome> outcomes() {
    return turns.stream().map(Turn::outcome).toList();
  }

  @Override
  public void close() {
    Closing.all(held);
    held.clear();
  }
}
