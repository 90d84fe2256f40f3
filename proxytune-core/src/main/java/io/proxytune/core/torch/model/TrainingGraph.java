package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.script.Script;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The pass that gradients are taken of: whole rows of one length, no cache. Its steps are those
 * that the pieces of a {@link Decoder} write, so it computes what decoding does. For one thread at
 * a time.
 */
public final class TrainingGraph implements AutoCloseable {
  private static final String ENTRY =
      """

        def forward(self: __torch__.Decoder,
                    ids: Tensor,      # [rows * length], row by row
                    targets: Tensor,  # likewise
                    ignored: int,     # what is no target
                    rows: int,
                    length: int,
                    tensors: List[Tensor],            # of no layer
                    layerTensors: List[List[Tensor]], # of each layer
                    kinds: List[int]) -> Tensor:      # which method computes it
          places64 = torch.arange(length).repeat([rows])
          positions = torch.arange(length).to(6)
          angles = annotate(List[Tensor], [])
          masks = annotate(List[Tensor], [])
      """;

  /** Sums losses. */
  private static final int SUM = 2;

  // Places among the program's arguments.
  private static final int TENSORS = 5;
  private static final int LAYER_TENSORS = 6;
  private static final int KINDS = 7;

  private final Decoder decoder;
  private final Script script;
  private final List<IValue> fixed = new ArrayList<>();

  /**
   * Compiles a graph.
   *
   * @param spec the decoder
   * @param weights its tensors
   * @param dtype the dtype of the passes
   * @throws UnsupportedOperationException if the decoder has experts
   */
  public TrainingGraph(DecoderSpec spec, TrainingWeights weights, ScalarType dtype) {
    this.decoder = new DecoderAssembly(spec, new TrainedPieces(weights, dtype)).decoder();
    ScriptProgram program = new ScriptProgram(ScriptProgram.Use.TRAINING);
    List<ScriptWriter> layers = new ArrayList<>();
    List<String> methods = new ArrayList<>();
    for (DecoderLayer layer : decoder.layers()) {
      ScriptWriter own = new ScriptWriter(program);
      own.line("return %s", layer.write(own, decoder, "x"));
      String parameters = "x: Tensor" + LayerScript.TRAINING_PARAMETERS + ") -> Tensor";
      methods.add(program.method("layer", parameters, own.text()));
      layers.add(own);
    }
    ScriptWriter outer = new ScriptWriter(program);
    write(outer, methods);
    this.script = Script.compile(ScriptProgram.CLASS, program.source(ENTRY + outer.text()));
    bind(outer, layers, methods);
  }

  private void write(ScriptWriter outer, List<String> methods) {
    outer.line("x = %s", decoder.embedding().write(outer, "ids", "places64"));
    for (AttentionKernel kernel : decoder.kernels()) {
      outer.line("masks.append(%s)", kernel.masks.writeTraining(outer, "x"));
    }
    for (Rotary rotary : decoder.rotaries()) {
      for (String angles : rotary.writeAngles(outer, "positions")) {
        outer.line("angles.append(%s.repeat([rows, 1, 1]).to(x.dtype))", angles);
      }
    }
    LayerScript.writeLoop(outer, methods, "layerTensors[i]" + LayerScript.TRAINING_ARGUMENTS);
    String logits = decoder.head().writeTraining(outer, "x");
    if (decoder.spec().head().cap().isPresent()) {
      String cap = Double.toString(decoder.spec().head().cap().getAsDouble());
      logits = outer.let("torch.mul(torch.tanh(torch.div(%s, %s)), %s)", logits, cap, cap);
    }
    outer.line("return torch.cross_entropy_loss(%s, targets, None, %d, ignored)", logits, SUM);
  }

  private void bind(ScriptWriter outer, List<ScriptWriter> layers, List<String> methods) {
    IValue layerTensors = script.emptyList(LAYER_TENSORS);
    for (ScriptWriter layer : layers) {
      IValue own = LayerScript.filled(script.emptyElement(LAYER_TENSORS), layer.tensors());
      DecoderScript.append(layerTensors, own);
    }
    fixed.add(LayerScript.filled(script.emptyList(TENSORS), outer.tensors()));
    fixed.add(layerTensors);
    fixed.add(LayerScript.numbers(script.emptyList(KINDS), LayerScript.kinds(methods)));
    fixed.forEach(Native::keep);
  }

  /**
   * The sum of the losses over a batch's targets.
   *
   * @param ids {@code [rows · length]}, 64-bit
   * @param targets likewise: the id that follows each
   * @param ignored what is no target
   * @param rows how many rows
   * @param length the tokens of each
   * @return a float32 scalar, in nats
   */
  public Tensor lossSum(Tensor ids, Tensor targets, long ignored, int rows, int length) {
    return script.call(
        new IValue(ids),
        new IValue(targets),
        new IValue(ignored),
        new IValue((long) rows),
        new IValue((long) length),
        fixed.get(0),
        fixed.get(1),
        fixed.get(2));
  }

  @Override
  public void close() {
    fixed.forEach(IValue::close);
    script.close();
    decoder.head().close();
    decoder.kernels().forEach(AttentionKernel::close);
    decoder.rotaries().forEach(Rotary::close);
  }
}
