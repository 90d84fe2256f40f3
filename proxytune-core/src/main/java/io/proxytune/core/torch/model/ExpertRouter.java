package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.ExpertsSpec.Scoring;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the experts of each token and their shares.
 *
 * @param correction {@code [experts]} or {@code [1, experts]}, float32, what is added to shares for
 *     the choice alone
 */
record ExpertRouter(ExpertsSpec spec, @Nullable Tensor correction) {
  /** The least sum of shares that are scaled to 1. */
  private static final double SMALLEST = 1e-20;

  /**
   * The chosen experts of some tokens.
   *
   * @param shares {@code [tokens, active]}, float32
   * @param chosen {@code [tokens, active]}, 64-bit
   */
  record Choice(Tensor shares, Tensor chosen) {
    /** Every expert that some token chose, with these tokens and their shares. */
    List<Visit> visits() {
      long active = chosen.size(1);
      Tensor flat = chosen.flatten();
      Tensor order = flat.argsort();
      long[] experts = onHeap(flat.index_select(0, order));
      Tensor tokens = order.floor_divide(new Scalar(active));
      Tensor weights = shares.reshape(-1, 1).index_select(0, order);
      List<Visit> visits = new ArrayList<>();
      for (int begin = 0; begin < experts.length; ) {
        int end = begin;
        while (end < experts.length && experts[end] == experts[begin]) {
          end++;
        }
        Tensor own = tokens.narrow(0, begin, end - begin);
        visits.add(new Visit((int) experts[begin], own, weights.narrow(0, begin, end - begin)));
        begin = end;
      }
      return visits;
    }

    private static long[] onHeap(Tensor values) {
      long[] heap = new long[(int) values.numel()];
      try (LongPointer pointer = new LongPointer(values.cpu().data_ptr_long())) {
        pointer.get(heap);
      }
      return heap;
    }
  }

  /**
   * The tokens of one expert.
   *
   * @param tokens {@code [count]}, 64-bit: their rows
   * @param shares {@code [count, 1]}, float32
   */
  record Visit(int expert, Tensor tokens, Tensor shares) {}

  /** Chooses by what a router gave, {@code [tokens, experts]}. */
  Choice choose(Tensor outputs) {
    Tensor wide = outputs.to(ScalarType.Float);
    boolean softmax = spec.scoring().function() == Scoring.Function.SOFTMAX;
    Tensor all = softmax ? torch.softmax(wide, -1) : torch.sigmoid(wide);
    Tensor judged = correction == null ? all : all.add(correction);
    Tensor chosen = best(inActiveGroups(judged), spec.active()).get1();
    Tensor shares = all.gather(1, chosen);
    if (spec.renormalized()) {
      shares = shares.div(shares.sum(new long[] {1}, true, null).clamp_min_(new Scalar(SMALLEST)));
    }
    double scale = spec.shareScale();
    return new Choice(scale == 1 ? shares : shares.mul(new Scalar(scale)), chosen);
  }

  private static T_TensorTensor_T best(Tensor values, long count) {
    return torch.topk(values, count);
  }

  /** Experts outside the best groups can't be chosen. */
  private Tensor inActiveGroups(Tensor judged) {
    Scoring scoring = spec.scoring();
    if (scoring.groups() == 1) {
      return judged;
    }
    Tensor grouped = judged.view(judged.size(0), scoring.groups(), -1);
    Tensor ofGroups =
        scoring.bestPerGroup() == 1
            ? grouped.amax(new long[] {2}, false)
            : best(grouped, scoring.bestPerGroup()).get0().sum(new long[] {2}, false, null);
    Tensor groups = best(ofGroups, scoring.activeGroups()).get1();
    Tensor looked = torch.zeros_like(ofGroups).scatter_(1, groups, new Scalar(1.0));
    Tensor hidden = looked.eq(new Scalar(0)).unsqueeze(2);
    return grouped.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY)).flatten(1, 2);
  }

  /**
   * Writes {@link #choose}.
   *
   * @return the method's name; it takes the outputs in float32 and a list of the correction or an
   *     empty one, and gives shares and chosen experts
   */
  static String write(ScriptProgram program, ExpertsSpec spec) {
    Scoring scoring = spec.scoring();
    StringBuilder body = new StringBuilder();
    if (isOfOutputsAlone(spec)) {
      body.append(number("    best, chosen = torch.topk(outputs, %d)\n", spec.active()));
      body.append("    shares = torch.softmax(best, -1)\n");
      return method(program, spec, body);
    }
    boolean softmax = scoring.function() == Scoring.Function.SOFTMAX;
    body.append(
        softmax ? "    all = torch.softmax(outputs, -1)\n" : "    all = torch.sigmoid(outputs)\n");
    body.append("    judged = all\n");
    if (scoring.correction().isPresent()) {
      body.append("    judged = torch.add(all, correction[0])\n");
    }
    if (scoring.groups() > 1) {
      body.append(groups(scoring));
    }
    body.append(number("    best, chosen = torch.topk(judged, %d)\n", spec.active()));
    body.append("    shares = torch.gather(all, 1, chosen)\n");
    if (spec.renormalized()) {
      body.append("    total = torch.sum(shares, [1], True)\n");
      body.append("    shares = torch.div(shares, torch.clamp_min(total, " + SMALLEST + "))\n");
    }
    return method(program, spec, body);
  }

  /**
   * Whether shares are those of a softmax over the chosen outputs: over all of them, and then
   * scaled to 1, it gives the same with twice the operators.
   */
  private static boolean isOfOutputsAlone(ExpertsSpec spec) {
    Scoring scoring = spec.scoring();
    return spec.renormalized()
        && scoring.function() == Scoring.Function.SOFTMAX
        && scoring.correction().isEmpty()
        && scoring.groups() == 1;
  }

  private static String method(ScriptProgram program, ExpertsSpec spec, StringBuilder body) {
    if (spec.shareScale() != 1) {
      body.append("    shares = torch.mul(shares, " + spec.shareScale() + ")\n");
    }
    body.append("    return [shares, chosen]\n");
    return program.method(
        "choose", "outputs: Tensor, correction: List[Tensor]) -> List[Tensor]", body.toString());
  }

  private static String groups(Scoring scoring) {
    String ofGroups =
        scoring.bestPerGroup() == 1
            ? "    ofGroups = torch.amax(grouped, [2])\n"
            : number("    top, places = torch.topk(grouped, %d)\n", scoring.bestPerGroup())
                + "    ofGroups = torch.sum(top, [2])\n";
    return number("    grouped = judged.view([judged.size(0), %d, -1])\n", scoring.groups())
        + ofGroups
        + number("    high, groups = torch.topk(ofGroups, %d)\n", scoring.activeGroups())
        + "    looked = torch.zeros_like(ofGroups).scatter_(1, groups, 1.0)\n"
        + "    hidden = torch.eq(looked, 0.0).unsqueeze(2)\n"
        + "    judged = torch.flatten(torch.masked_fill(grouped, hidden, -inf), 1, 2)\n";
  }

  private static String number(String text, int value) {
    return String.format(Locale.ROOT, text, value);
  }
}
