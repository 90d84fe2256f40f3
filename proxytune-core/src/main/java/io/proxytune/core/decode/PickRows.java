package io.proxytune.core.decode;

import io.proxytune.GenerationOptions;
import io.proxytune.ModelException;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenTrace;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.RowPicks;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.session.RowFusion;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Rows of logits of texts that are steered alike, and tokens picked from them. */
final class PickRows implements AutoCloseable {
  private final Steering steering;
  private final RoleLogits roles;
  private final double[] strengths;
  private final Logits fused;
  private final RowPicks picks;
  private final List<AutoCloseable> held = new ArrayList<>();

  /**
   * Fuses the rows.
   *
   * @param roles each role's; closed with the result
   * @param texts whose rows, in this order
   */
  static PickRows fuse(Steering steering, RoleLogits roles, List<Verification> texts) {
    try {
      double[] strengths = strengths(steering.fusion(), roles, texts);
      Logits fused = steering.fusion().fuseToPick(roles, strengths);
      return new PickRows(steering, roles, strengths, fused);
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, roles);
      throw e;
    }
  }

  private static double[] strengths(RowFusion fusion, RoleLogits roles, List<Verification> texts) {
    return texts.get(0).gating().isPresent()
        ? texts.stream()
            .flatMapToDouble(text -> Arrays.stream(text.gating().orElseThrow().strengths()))
            .toArray()
        : fusion.strengths(roles, texts.stream().flatMapToInt(Verification::positions).toArray());
  }

  private PickRows(Steering steering, RoleLogits roles, double[] strengths, Logits fused) {
    this.steering = steering;
    this.roles = roles;
    this.strengths = strengths;
    this.fused = fused;
    held.add(roles);
    held.add(0, fused);
    try {
      this.picks = steering.math().picks(fused);
      held.add(0, picks);
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, this);
      throw e;
    }
  }

  /** The rows of one text, which stay when the others are closed. */
  PickRows of(Verification text) {
    int[] rows = IntStream.range(0, text.rows()).map(i -> text.row() + i).toArray();
    RoleLogits own = roles.at(rows);
    try {
      double[] some = RowFusion.some(strengths, rows);
      return new PickRows(steering, own, some, steering.math().select(fused, rows));
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, own);
      throw e;
    }
  }

  /**
   * Picks a token for each text. Where no token can be picked for one, it is faulty, and the others
   * get theirs.
   */
  void pick(List<Verification> texts) {
    int[] rows = texts.stream().mapToInt(Verification::row).toArray();
    try {
      int[] ids = picks.pick(rows, texts.stream().map(text -> text.sequence().state()).toList());
      // Only now is it certain that the logits are there: a device computes asynchronously.
      texts.forEach(text -> text.sequence().timings().logits());
      List<TokenReport> reports = reports(texts, rows, ids);
      for (int i = 0; i < ids.length; i++) {
        texts.get(i).take(ids[i], reports.get(i));
      }
    } catch (ModelException e) {
      if (texts.size() == 1) {
        Sequence sequence = texts.get(0).sequence();
        sequence.fail(explained(e, rows, sequence.sessions()));
      } else {
        texts.forEach(text -> pick(List.of(text)));
      }
    }
  }

  /** The token that {@link #pick} would pick for a text now. */
  int peek(Verification text) {
    return picks.pick(new int[] {text.row()}, List.of(text.sequence().state()))[0];
  }

  /** What is told of each text's token, of those that are told as much together. */
  private List<TokenReport> reports(List<Verification> texts, int[] rows, int[] ids) {
    TokenReport[] reports = new TokenReport[ids.length];
    Arrays.fill(reports, TokenReport.NOTHING);
    Map<Wish, List<Integer>> byWish = new LinkedHashMap<>();
    for (int i = 0; i < ids.length; i++) {
      Wish wish = Wish.of(texts.get(i).sequence().options());
      if (wish.isSome()) {
        byWish.computeIfAbsent(wish, w -> new ArrayList<>()).add(i);
      }
    }
    byWish.forEach(
        (wish, indices) -> {
          int[] someRows = indices.stream().mapToInt(i -> rows[i]).toArray();
          int[] someIds = indices.stream().mapToInt(i -> ids[i]).toArray();
          List<TokenReport> some = report(wish, someRows, someIds);
          for (int i = 0; i < some.size(); i++) {
            reports[indices.get(i)] = some.get(i);
          }
        });
    if (texts.get(0).gating().isPresent()) {
      addAudits(texts, rows, reports);
    }
    for (int i = 0; i < reports.length; i++) {
      reports[i] = roles.effort(rows[i]).map(reports[i]::translated).orElse(reports[i]);
    }
    return List.of(reports);
  }

  /** Looks at those that were not steered, and of which the experts were asked all the same. */
  private void addAudits(List<Verification> texts, int[] rows, TokenReport[] reports) {
    int[] indices = IntStream.range(0, rows.length).filter(i -> texts.get(i).isAudited()).toArray();
    if (indices.length > 0) {
      int[] some = Arrays.stream(indices).map(i -> rows[i]).toArray();
      List<Audit> audits = audits(some);
      for (int i = 0; i < indices.length; i++) {
        reports[indices[i]] = reports[indices[i]].audited(audits.get(i));
      }
    }
  }

  private List<Audit> audits(int[] rows) {
    LogitMath math = steering.math();
    int[] anyId = new int[rows.length];
    try (RoleLogits some = roles.at(rows);
        Logits full = steering.fusion().fuseFully(some);
        Logits own = math.select(fused, rows)) {
      List<TokenTrace.View> fully = math.views(full, anyId);
      List<TokenTrace.View> alone = math.views(own, anyId);
      double[] divergences = math.divergences(full, own);
      return IntStream.range(0, rows.length)
          .mapToObj(i -> new Audit(fully.get(i).choice() != alone.get(i).choice(), divergences[i]))
          .toList();
    }
  }

  /** What a request wants to be told. */
  private record Wish(boolean logprobs, int top, boolean trace) {
    static Wish of(GenerationOptions options) {
      return new Wish(options.logprobs(), options.topLogprobs(), options.trace());
    }

    boolean isSome() {
      return logprobs || trace;
    }
  }

  private List<TokenReport> report(Wish wish, int[] rows, int[] ids) {
    double[] factors = RowFusion.some(strengths, rows);
    try (RoleLogits some = roles.at(rows);
        Logits distribution = steering.fusion().fuse(some, factors)) {
      List<TokenLogprobs> logprobs =
          wish.logprobs
              ? new LogprobReport(steering.math(), wish.top)
                  .of(some, steering.roles(), distribution, ids)
              : List.of();
      List<TokenTrace> traces =
          wish.trace ? new TraceReport(steering).of(some, distribution, ids, factors) : List.of();
      return IntStream.range(0, ids.length)
          .mapToObj(
              i ->
                  new TokenReport(
                      wish.logprobs ? logprobs.get(i) : null, wish.trace ? traces.get(i) : null))
          .toList();
    }
  }

  private ModelException explained(ModelException failure, int[] rows, RoleSessions sessions) {
    try (RoleLogits some = roles.at(rows);
        Logits someFused = steering.math().select(fused, rows)) {
      return new LogitFault(some, someFused, List.of(sessions)).explain(failure);
    }
  }

  @Override
  public void close() {
    Closeables.all(held);
    held.clear();
  }
}
