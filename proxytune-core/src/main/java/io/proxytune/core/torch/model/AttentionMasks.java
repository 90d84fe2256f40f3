package io.proxytune.core.torch.model;

import io.proxytune.core.torch.TorchDevice;
import java.util.List;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What is added to scores: −∞ where a token must not look (nowhere, where attention is not causal),
 * and with linear biases (ALiBi, arXiv 2108.12409) a slope times the distance. Immutable but for
 * {@link #close()}; safe for use by several threads.
 */
final class AttentionMasks implements AutoCloseable {
  private static final String NONE_FOR_ONE =
      """
          if count == 1:
            return None
      """;
  private static final String FIRST =
      """
          first = 0
      """;
  private static final String FIRST_IN_WINDOW =
      """
          first = position - {before}
          if first < 0:
            first = 0
      """;
  private static final String HIDDEN =
      """
          columns = torch.arange(first, position + count).unsqueeze(0)
          own = torch.arange(position, position + count).unsqueeze(1)
          hidden = {hidden}
      """;
  private static final String BEYOND_WINDOW =
      """
          hidden = torch.logical_or(hidden, torch.lt(columns, own - {before}))
      """;
  private static final String UNBIASED =
      """
          seen = torch.zeros([count, position + count - first]).masked_fill_(hidden, -inf)
          return seen{repeated}
      """;
  private static final String BIASED =
      """
          biases = torch.mul(slopes[0], torch.sub(columns, own).to(6))
          return torch.flatten(biases.masked_fill_(hidden, -inf), 1, 2)
      """;

  private final AttentionShape shape;
  private final TorchDevice device;
  private final ScalarType dtype;
  private final @Nullable Tensor slopes; // [kvHeads, group, 1, 1], float32

  AttentionMasks(AttentionShape shape, TorchDevice device, ScalarType dtype) {
    this.shape = shape;
    this.device = device;
    this.dtype = dtype;
    this.slopes = shape.linearBias() ? Native.keep(slopes(shape)) : null;
  }

  private static Tensor slopes(AttentionShape shape) {
    return torch.tensor(slopes(shape.heads())).view(shape.kvHeads(), shape.group(), 1, 1);
  }

  /** Powers of 2^(−8 / heads); between them for what is beyond a power of two. */
  static float[] slopes(int heads) {
    int power = Integer.highestOneBit(heads);
    float[] slopes = new float[heads];
    for (int i = 0; i < heads; i++) {
      double exponent = i < power ? 8.0 * (i + 1) / power : 4.0 * (2 * (i - power) + 1) / power;
      slopes[i] = (float) Math.pow(2, -exponent);
    }
    return slopes;
  }

  /** Whether a single token needs one. */
  boolean ofOneToken() {
    return slopes != null;
  }

  /**
   * The mask of a span over the keys {@code [first, end)}.
   *
   * @return {@code [group · tokens, keys]}, or {@code [kvHeads, group · tokens, keys]}
   */
  Tensor of(Span span, long first, long end) {
    TensorOptions whole = new TensorOptions(ScalarType.Long);
    Tensor columns = torch.arange(new Scalar(first), new Scalar(end), whole).unsqueeze(0);
    Tensor own =
        torch.arange(new Scalar(span.position()), new Scalar(span.end()), whole).unsqueeze(1);
    Tensor hidden =
        shape.causal() ? columns.gt(own) : columns.ge(new Scalar((long) span.end())); // for all
    if (shape.window().isPresent()) {
      Tensor oldest = own.sub(new Scalar((long) shape.window().getAsInt() - 1));
      hidden = hidden.logical_or_(columns.lt(oldest));
    }
    Scalar never = new Scalar(Double.NEGATIVE_INFINITY);
    if (slopes != null) {
      Tensor distances = columns.sub(own).to(ScalarType.Float); // [tokens, keys], 0 and less
      Tensor biases = slopes.mul(distances).masked_fill_(hidden, never);
      return biases.flatten(1, 2).to(device.toTorch(), dtype);
    }
    Tensor mask =
        torch
            .zeros(new long[] {span.count(), end - first}, new TensorOptions(ScalarType.Float))
            .masked_fill_(hidden, never)
            .to(device.toTorch(), dtype);
    return shape.group() == 1 ? mask : mask.repeat(shape.group(), 1);
  }

  /**
   * Writes a method that gives the mask of a segment, as a list of one or, for a single token that
   * needs none, of none.
   *
   * @return its name; it takes the number of tokens, the position of the first, and {@link
   *     #slopes()}
   */
  String write(ScriptProgram program) {
    OptionalInt window = shape.window();
    String before = window.isPresent() ? Integer.toString(window.getAsInt() - 1) : "";
    String body =
        (ofOneToken() ? "" : NONE_FOR_ONE)
            + (window.isPresent() ? FIRST_IN_WINDOW : FIRST)
            + HIDDEN
            + (window.isPresent() ? BEYOND_WINDOW : "")
            + (slopes == null ? UNBIASED : BIASED);
    String repeated = shape.group() == 1 ? "" : ".repeat([" + shape.group() + ", 1])";
    return program.method(
        "mask",
        "count: int, position: int, slopes: List[Tensor]) -> Optional[Tensor]",
        body.replace("{hidden}", hidden("columns", "own"))
            .replace("{before}", before)
            .replace("{repeated}", repeated));
  }

  /**
   * Writes the mask of rows in training.
   *
   * @return the name of a tensor in the dtype of {@code like}: {@code [length, length]}, or {@code
   *     [heads, length, length]}
   */
  String writeTraining(ScriptWriter script, String like) {
    String columns = script.let("torch.arange(length).unsqueeze(0)");
    String own = script.let("torch.arange(length).unsqueeze(1)");
    String hidden = script.let("%s", hidden(columns, own));
    if (shape.window().isPresent()) {
      int before = shape.window().getAsInt() - 1;
      String old = script.let("torch.lt(%s, %s - %d)", columns, own, before);
      hidden = script.let("torch.logical_or(%s, %s)", hidden, old);
    }
    String seen =
        slopes == null
            ? script.let("torch.zeros([length, length])")
            : script.let(
                "torch.mul(%s.view([-1, 1, 1]), torch.sub(%s, %s).to(6))",
                script.tensor(slopes), columns, own);
    return script.let("torch.masked_fill(%s, %s, -inf).to(%s.dtype)", seen, hidden, like);
  }

  /** What a token must not see because it stands behind it; nothing where both sides are seen. */
  private String hidden(String columns, String own) {
    return shape.causal()
        ? "torch.gt(" + columns + ", " + own + ")"
        : "torch.lt(" + columns + ", torch.zeros_like(" + own + "))";
  }

  /** What a written mask needs beside its segment. */
  List<Tensor> slopes() {
    return slopes == null ? List.of() : List.of(slopes);
  }

  @Override
  public void close() {
    if (slopes != null) {
      slopes.close();
    }
  }
}
