package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.NormSpec;
import org.bytedeco.pytorch.Tensor;

/** A norm in training: its factors are what is stored. Owns nothing. */
record TrainedNorm(NormSpec spec, TrainingWeights weights) implements Norm {
  @Override
  public Tensor apply(Tensor x) {
    throw new UnsupportedOperationException("training runs programs alone");
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String stored = spec.weight().map(name -> script.tensor(weights.tensor(name))).orElse("None");
    String epsilon = Double.toString(spec.epsilon());
    return switch (spec.kind()) {
      case RMS -> script.let("torch.rms_norm(%s, [%d], %s, %s)", x, spec.size(), stored, epsilon);
      case RMS_PLUS_ONE -> {
        String factors = script.let("torch.add(%s.to(6), 1.0)", stored); // 6: float32
        yield script.let(
            "torch.rms_norm(%s.to(6), [%d], %s, %s).to(%s.dtype)",
            x, spec.size(), factors, epsilon, x);
      }
      case LAYER -> layer(script, x, stored, epsilon);
      case LAYER_PLUS_ONE -> layer(script, x, script.let("torch.add(%s, 1.0)", stored), epsilon);
    };
  }

  private String layer(ScriptWriter script, String x, String stored, String epsilon) {
    String bias = spec.bias().map(name -> script.tensor(weights.tensor(name))).orElse("None");
    boolean perHead = spec.heads() > 1;
    String y =
        script.let(
            "torch.layer_norm(%s, [%d], %s, %s, %s, False)",
            x, spec.size(), perHead ? "None" : stored, bias, epsilon);
    return perHead ? script.let("torch.mul(%s, %s)", y, stored) : y;
  }

  @Override
  public void close() {}
}
