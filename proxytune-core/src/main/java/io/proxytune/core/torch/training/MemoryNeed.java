package io.proxytune.core.torch.training;

import io.proxytune.DeviceException;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.torch.MemoryCheck;
import io.proxytune.core.torch.TorchRuntime;
import java.util.Locale;

/**
 * What training takes of memory: what is trained in float32 with two moments, its copy and
 * gradient, frozen weights, and what the forward pass keeps for the backward pass. Immutable.
 *
 * @param spec the model
 * @param trained the weights that are trained
 * @param frozen the weights that are not
 */
public record MemoryNeed(DecoderSpec spec, long trained, long frozen) {
  /**
   * All weights are trained.
   *
   * @param spec the model
   * @return the need
   */
  public static MemoryNeed full(DecoderSpec spec) {
    return new MemoryNeed(spec, ParameterLayout.of(spec).size(), 0);
  }

  /**
   * An adapter is trained.
   *
   * @param spec the model
   * @param adapter the adapter
   * @return the need
   */
  public static MemoryNeed adapter(DecoderSpec spec, AdapterSpec adapter) {
    return new MemoryNeed(
        spec,
        ParameterLayout.ofAdapter(spec, adapter).size(),
        ParameterLayout.of(spec).parameters());
  }

  /**
   * Weights, moments and the optimizer's working space, and the copy and gradient of the passes.
   */
  long stateBytes(int width) {
    int copies = 4 * 4 + (width == 4 ? width : 2 * width);
    return trained * copies + frozen * width;
  }

  /** An estimate: what the operations of a layer keep, the scores, and the logits in float32. */
  long activationBytes(int width, long tokens, long length) {
    long layers = spec.layers().stream().mapToLong(layer -> perToken(layer, length)).sum();
    return tokens * (width * layers + spec.vocabulary() * (12L + 2L * width));
  }

  /** Values. */
  private long perToken(LayerSpec layer, long length) {
    AttentionSpec attention = layer.attention();
    long heads = (long) attention.heads() * attention.headDim();
    long inner = layer.feedForward().linears().mapToLong(LinearSpec::in).max().orElse(0);
    return 30L * spec.width() + 8 * heads + 6 * inner + 3L * attention.heads() * length;
  }

  /**
   * Refuses what seems not to fit.
   *
   * @param dtype the dtype of the passes
   * @param tokens the positions of a step
   * @param length the longest row, at most
   * @throws DeviceException with the figures, if less memory is free
   */
  public void requireFree(StoredType dtype, long tokens, long length) {
    TorchRuntime.load();
    MemoryCheck memory = MemoryCheck.now();
    int width = dtype.bits() / 8;
    long state = stateBytes(width);
    long activations = activationBytes(width, tokens, Math.min(tokens, length));
    if (memory.freeBytes().isPresent() && state + activations > memory.freeBytes().getAsLong()) {
      throw new DeviceException(
          String.format(
              Locale.ROOT,
              "training does not fit: weights, gradient and AdamW's two moments of %,d trained"
                  + " parameters%s need %s, a step of %,d tokens about %s, and %s of memory is"
                  + " free. Train an adapter (tuneLora), take fewer tokens a step"
                  + " (TrainingOptions.withTokensPerStep), free memory, or switch this check off"
                  + " (TrainingOptions.withMemoryCheck(false))",
              trained,
              frozen == 0 ? "" : String.format(Locale.ROOT, " and %,d frozen ones", frozen),
              gigabytes(state),
              tokens,
              gigabytes(activations),
              gigabytes(memory.freeBytes().getAsLong())));
    }
    memory.requireUnderJavaCppLimit("training", state + activations);
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }
}
