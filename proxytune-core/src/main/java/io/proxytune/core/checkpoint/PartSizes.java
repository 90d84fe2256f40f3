package io.proxytune.core.checkpoint;

import static java.util.stream.Collectors.toSet;

import io.proxytune.core.Quantization;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the parts of a model's weights take in memory: immutable.
 *
 * @param embedding bytes of what the first layer reads
 * @param layers of each layer
 * @param head of what turns the last layer's result into logits; of a tied one too, since it may be
 *     on another device than the embedding
 */
public record PartSizes(long embedding, List<Long> layers, long head) {
  /** Copies the list. */
  public PartSizes {
    layers = List.copyOf(layers);
  }

  /**
   * Adds up the weights of a description.
   *
   * @param spec the model
   * @param quantization how its linear layers are rounded
   * @param bytes the bytes of a weight that is not
   * @return the sizes
   */
  public static PartSizes of(DecoderSpec spec, Quantization quantization, int bytes) {
    Sum sum = new Sum(quantization, bytes);
    return new PartSizes(
        sum.embedding(spec),
        spec.layers().stream().map(sum::layer).toList(),
        sum.head(spec.head()));
  }

  private record Sum(Quantization quantization, int bytes) {
    long embedding(DecoderSpec spec) {
      long rows = (long) spec.vocabulary() * spec.embedding().size();
      long positions =
          spec.embedding().positions().map(some -> (long) some.rows() * spec.width()).orElse(0L);
      return (rows + positions) * bytes
          + plain(spec.embedding().projection())
          + norm(spec.embedding().norm());
    }

    long layer(LayerSpec layer) {
      Set<LinearSpec> routing = WeightMemory.routing(layer).collect(toSet());
      long linears =
          layer
              .linears()
              .mapToLong(each -> routing.contains(each) ? plain(Optional.of(each)) : linear(each))
              .sum();
      return linears + layer.norms().mapToLong(this::norm).sum();
    }

    long head(HeadSpec head) {
      long linear = quantization.head() ? linear(head.linear()) : plain(Optional.of(head.linear()));
      return linear + plain(head.projection()) + norm(head.norm());
    }

    private long linear(LinearSpec linear) {
      return quantization.isSome()
          ? quantization.bytes(linear.out(), linear.in()) + bias(linear)
          : plain(Optional.of(linear));
    }

    private long plain(Optional<LinearSpec> linear) {
      return linear.map(some -> some.elements() * bytes + bias(some)).orElse(0L);
    }

    private long bias(LinearSpec linear) {
      return linear.bias().isPresent() ? linear.out() * bytes : 0;
    }

    private long norm(Optional<NormSpec> norm) {
      return norm.map(this::norm).orElse(0L);
    }

    private long norm(NormSpec norm) {
      long tensors = Stream.of(norm.weight(), norm.bias()).flatMap(Optional::stream).count();
      return tensors * norm.size() * bytes;
    }
  }
}
