package io.proxytune.core.torch.training;

import io.proxytune.core.checkpoint.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Makes the projections of a model's layers. */
final class Projections {
  private Projections() {}

  /** {@code y = x Wᵀ + b}. */
  static Projection plain(Tensor weight, @Nullable Tensor bias) {
    if (bias == null) {
      return x -> torch.linear(x, weight);
    }
    return x -> torch.linear(x, weight, new TensorOptional(bias));
  }

  /** One adapter of a group's member, or none. */
  private record Adapter(long out, @Nullable Tensor a, @Nullable Tensor b) {
    Tensor apply(Tensor x, Scalar scale) {
      return a == null || b == null
          ? Tensors.zeros(x.scalar_type(), x.size(0), out)
          : torch.linear(torch.linear(x, a).mul(scale), b);
    }
  }

  /** A frozen projection and what the adapters of its members add. */
  static Projection adapted(
      Projection frozen, LinearGroup group, int layer, AdapterSpec spec, ParameterStore adapters) {
    List<Adapter> members = new ArrayList<>();
    for (LinearGroup.Member member : group.members()) {
      members.add(
          new Adapter(
              member.out(),
              adapters.leaf(member.in(layer) + ".A"),
              adapters.leaf(member.in(layer) + ".B")));
    }
    if (members.stream().allMatch(member -> member.a() == null)) {
      return frozen;
    }
    return x -> frozen.apply(x).add(delta(members, x, new Scalar(spec.scale())));
  }

  private static Tensor delta(List<Adapter> members, Tensor x, Scalar scale) {
    if (members.size() == 1) {
      return members.get(0).apply(x, scale);
    }
    TensorVector deltas = new TensorVector();
    members.forEach(member -> deltas.push_back(member.apply(x, scale)));
    return torch.cat(deltas, 1);
  }

  /** The widths of a group's outputs. */
  static long[] widths(LinearGroup group) {
    return group.members().stream().mapToLong(LinearGroup.Member::out).toArray();
  }

  /** How many heads each of query, key and value has. */
  static long[] headCounts(DecoderConfig config) {
    return new long[] {config.heads(), config.kvHeads(), config.kvHeads()};
  }
}
