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
 * @param correction {@code [experts]}, float32, what is added to shares for the choice alone
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

  /** Tokens sorted by the expert that they chose; each expert's stand side by side. */
  private static final String VISITS =
      """
          top = chosen.size(1)
          order = torch.argsort(chosen.reshape([-1]))
          experts = torch.index_select(chosen.reshape([-1]), 0, order)
          weights = torch.index_select(shares.reshape([-1, 1]), 0, order)
          tokens = torch.floor_divide(order, top)
          total = torch.zeros([x.size(0), x.size(1)], dtype=6)
          count = experts.size(0)
          begin = 0
          while begin < count:
            expert = int(experts[begin])
            end = begin + 1
            same = True
            while same:
              if end < count:
                if int(experts[end]) == expert:
                  end = end + 1
                else:
                  same = False
              else:
                same = False
            rows = tokens.narrow(0, begin, end - begin)
            firstTensor = {tensorsBefore} + {tensors} * expert
            firstPacked = {packedBefore} + {packed} * expert
            y = self.{expert}(torch.index_select(x, 0, rows),
                tensors[firstTensor:firstTensor + {tensors}],
                packed[firstPacked:firstPacked + {packed}])
            total.index_add_(0, rows, torch.mul(y.to(6), weights.narrow(0, begin, end - begin)))
            begin = end
          return total.to(x.dtype)
      """;

  private static String visits(ScriptWriter script, String expert, ScriptWriter first) {
    String signature =
        "x: Tensor, shares: Tensor, chosen: Tensor, tensors: List[Tensor],"
            + " packed: List[{packed}]) -> Tensor";
    String body =
        VISITS
            .replace("{tensorsBefore}", number(script.tensors().size()))
            .replace("{packedBefore}", number(script.packed().size()))
            .replace("{tensors}", number(first.tensors().size()))
            .replace("{packed}", number(first.packed().size()))
            .replace("{expert}", expert);
    return script.program().method("visits", LayerScript.withTypes(signature), body);
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
