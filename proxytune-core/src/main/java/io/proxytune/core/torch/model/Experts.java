package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.ExpertsSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A mixture of experts (arXiv 1701.06538). An expert multiplies the tokens that chose it together,
 * so that its weights are read once. Shares are taken in float32.
 *
 * @param spec how experts are chosen
 * @param router from tokens to outputs of experts
 * @param correction {@code [experts]} or {@code [1, experts]}, float32, what is added to shares for
 *     the choice alone
 * @param experts the MLPs
 * @param shared what every token goes through beside them
 * @param sharedGate from tokens to the factor of that, before its sigmoid
 */
record Experts(
    ExpertsSpec spec,
    Linear router,
    @Nullable Tensor correction,
    List<Mlp> experts,
    @Nullable Mlp shared,
    @Nullable Linear sharedGate)
    implements FeedForward {

  @Override
  public Tensor apply(Tensor x, LayerPass pass) {
    Tensor sum = torch.zeros_like(x).to(ScalarType.Float);
    ExpertRouter.Choice choice = new ExpertRouter(spec, correction).choose(router.apply(x));
    for (ExpertRouter.Visit visit : choice.visits()) {
      Tensor y = experts.get(visit.expert()).apply(x.index_select(0, visit.tokens()), pass);
      sum.index_add_(0, visit.tokens(), y.to(ScalarType.Float).mul_(visit.shares()));
    }
    Tensor result = sum.to(x.scalar_type());
    return shared == null ? result : result.add_(ofShared(shared, x, pass));
  }

  private Tensor ofShared(Mlp mlp, Tensor x, LayerPass pass) {
    Tensor y = mlp.apply(x, pass);
    return sharedGate == null ? y : y.mul_(torch.sigmoid(sharedGate.apply(x)));
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String outputs = script.let("%s.to(6)", router.write(script, x));
    String chosen = script.let("self.%s(%s, %s)", method(script), outputs, correctionOf(script));
    List<ScriptWriter> each = writeExperts(script);
    String expert = expertMethod(script, each.get(0));
    String sum =
        script.let(
            "self.%s(%s, %s[0], %s[1], tensors, packed)",
            visits(script, expert, each.get(0)), x, chosen, chosen);
    each.forEach(script::addAll);
    if (shared == null) {
      return sum;
    }
    String beside = shared.write(script, x);
    if (sharedGate != null) {
      String gate = script.let("torch.sigmoid(%s)", sharedGate.write(script, x));
      script.line("%s.mul_(%s)", beside, gate);
    }
    return script.let("%s.add_(%s)", sum, beside);
  }

  private String method(ScriptWriter script) {
    return ExpertRouter.write(script.program(), spec);
  }

  private String correctionOf(ScriptWriter script) {
    return correction == null ? "[]" : "[" + script.tensor(correction) + "]";
  }

  /** Each by itself: all must have the same text. */
  private List<ScriptWriter> writeExperts(ScriptWriter script) {
    List<ScriptWriter> each = new ArrayList<>();
    for (Mlp expert : experts) {
      ScriptWriter own = new ScriptWriter(script.program());
      own.line("return %s", expert.write(own, "x"));
      each.add(own);
    }
    String text = each.get(0).text();
    if (each.stream().anyMatch(other -> !other.text().equals(text))) {
      throw new UnsupportedOperationException("experts whose weights are laid out differently");
    }
    return each;
  }

  private static String expertMethod(ScriptWriter script, ScriptWriter first) {
    String signature = "x: Tensor, tensors: List[Tensor], packed: List[{packed}]) -> Tensor";
    return script.program().method("expert", LayerScript.withTypes(signature), first.text());
  }

  /**
   * A single token goes through one expert after the other. Of several, those that chose an expert
   * stand side by side. What is read of tensors is read at once: each time costs as much as a small
   * operator.
   */
  private static final String VISITS =
      """
          top = chosen.size(1)
          if x.size(0) == 1:
            own = annotate(List[int], chosen.view([top]).tolist())
            first = self.{visit}(x, own[0], tensors, packed)
            sum = torch.mul(first.to(6), shares.narrow(1, 0, 1))
            for i in range(top - 1):
              y = self.{visit}(x, own[i + 1], tensors, packed)
              sum.addcmul_(y.to(6), shares.narrow(1, i + 1, 1))
            return sum.to(x.dtype)
          values, order = torch.sort(chosen.view([-1]))
          experts = annotate(List[int], values.tolist())
          weights = torch.index_select(shares.view([-1, 1]), 0, order)
          tokens = torch.floor_divide(order, top)
          total = torch.zeros([x.size(0), x.size(1)], dtype=6)
          begin = 0
          for end in range(1, len(experts) + 1):
            last = end == len(experts)
            if not last:
              last = experts[end] != experts[begin]
            if last:
              rows = tokens.narrow(0, begin, end - begin)
              y = self.{visit}(torch.index_select(x, 0, rows), experts[begin], tensors, packed)
              total.index_add_(0, rows, torch.mul(y.to(6), weights.narrow(0, begin, end - begin)))
              begin = end
          return total.to(x.dtype)
      """;

  /** An expert's part of all tensors. */
  private static final String VISIT =
      """
          firstTensor = {tensorsBefore} + {tensors} * expert
          firstPacked = {packedBefore} + {packed} * expert
          return self.{expert}(x,
              tensors[firstTensor:firstTensor + {tensors}],
              packed[firstPacked:firstPacked + {packed}])
      """;

  private static String visits(ScriptWriter script, String expert, ScriptWriter first) {
    String lists = "tensors: List[Tensor], packed: List[{packed}]) -> Tensor";
    String visit =
        VISIT
            .replace("{tensorsBefore}", number(script.tensors().size()))
            .replace("{packedBefore}", number(script.packed().size()))
            .replace("{tensors}", number(first.tensors().size()))
            .replace("{packed}", number(first.packed().size()))
            .replace("{expert}", expert);
    ScriptProgram program = script.program();
    String one =
        program.method("visit", LayerScript.withTypes("x: Tensor, expert: int, " + lists), visit);
    return program.method(
        "visits",
        LayerScript.withTypes("x: Tensor, shares: Tensor, chosen: Tensor, " + lists),
        VISITS.replace("{visit}", one));
  }

  private static String number(int value) {
    return String.format(Locale.ROOT, "%d", value);
  }

  @Override
  public void close() {
    router.close();
    experts.forEach(Mlp::close);
    if (correction != null) {
      correction.close();
    }
    if (shared != null) {
      shared.close();
    }
    if (sharedGate != null) {
      sharedGate.close();
    }
  }
}
