package io.proxytune.core.torch.model;

import com.google.common.collect.Iterables;
import io.proxytune.core.torch.script.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.IValue;

/**
 * The text of a decoder's pass of few tokens in TorchScript, and the weights that it is called
 * with. Rows are the tokens of all segments one after the other, and behind them what pads the
 * batch. Operators are few and views cheap ones: with caches that weights stream through, each
 * costs microseconds.
 *
 * <p>Weights are arguments, so that one program serves a model's lifetime. Each layer writes
 * itself; what is written alike is one method, called with the lists of each layer. Lives as long
 * as the scope it was made in.
 */
final class DecoderProgram {
  private static final String ENTRY =
      """

        def forward(self: __torch__.Decoder,
                    numbers: Tensor,     # id of each row, position of each row, the rows wanted
                    places: List[int],   # how many rows; first row and count of those that the adapter
                                         # takes part in, and the same among the rows wanted; count
                                         # and position of each segment, and how many tokens of
                                         # others' memory it reads; first row and count of those
                                         # that read the same of that
                    caches: List[List[Tensor]], # of each segment, of each layer
                    shared: List[List[Tensor]], # what rows read of others, of each layer
                    padding: Tensor,     # [rows]: the token that each row repeats; empty: itself
                    adapter: List[Optional[Tensor]], # of each weight: [in, rank], [rank, out]; or []
                    halves: List[Optional[{packed}]], # the same as packed float16; or []
                    tensors: List[Tensor],            # of no layer
                    packed: List[{packed}],
                    layerTensors: List[List[Tensor]], # of each layer
                    layerPacked: List[List[{packed}]],
                    kinds: List[int],                 # which method computes it
                    firsts: List[int]{embedded}) -> Tensor: # its first weight among the adapter's
          rows = places[0]
          adapted = [places[1], places[2]]
          wantedAdapted = [places[3], places[4]]
          segments = places[5:5 + 4 * len(caches)]
          runs = places[5 + 4 * len(caches):]
          ids = numbers.narrow(0, 0, rows)
          places64 = numbers.narrow(0, rows, rows)
          positions = places64.to(6)
          wanted = numbers.narrow(0, 2 * rows, numbers.size(0) - 2 * rows)
          angles = annotate(List[Tensor], [])
          masks = annotate(List[List[Optional[Tensor]]], [])
          lookups = annotate(List[List[Tensor]], [])
      """;

  /** Of layers alone: what the first one reads. */
  private static final String EMBEDDED = ", x: Tensor";

  private static final String MASKS =
      """
          ofKernel = annotate(List[Optional[Tensor]], [])
          for s in range(len(caches)):
            ofKernel.append(self.{mask}(segments[4 * s], segments[4 * s + 1]{start}, {slopes}))
          masks.append(ofKernel)
      """;

  /** Of a kernel that attends row by row: the same in all of its layers, whose memory is alike. */
  private static final String LOOKUPS =
      """
          lookup = annotate(List[Tensor], [])
          for s in range(len(caches)):
            lookup.extend(self.{lookup}(caches[s][{layer}].size(1), segments[4 * s],
                segments[4 * s + 1]{start}, segments[4 * s + 2]))
          lookups.append(lookup)
      """;

  private static final String NO_LOOKUPS =
      """
          lookups.append(annotate(List[Tensor], []))
      """;

  private final ScriptProgram program;
  private final Decoder decoder;
  private final List<ScriptWriter> layers = new ArrayList<>();
  private final List<String> methods = new ArrayList<>(); // of each layer
  private final ScriptWriter begin;
  private final ScriptWriter end;
  private final String source;

  private DecoderProgram(Decoder decoder, ScriptProgram.Use use) {
    this.program = new ScriptProgram(use);
    this.decoder = decoder;
    this.begin = new ScriptWriter(program);
    decoder.layers().forEach(this::writeLayer);
    boolean layersAlone = program.isForAdapting();
    StringBuilder entry =
        new StringBuilder(
            LayerScript.withTypes(ENTRY).replace("{embedded}", layersAlone ? EMBEDDED : ""));
    decoder.kernels().forEach(this::writeMasks);
    for (int kernel = 0; kernel < decoder.kernels().size(); kernel++) {
      writeLookups(kernel);
    }
    decoder.rotaries().forEach(this::writeAngles);
    if (!layersAlone) {
      begin.line("x = %s", decoder.embedding().write(begin, "ids", "places64"));
    }
    LayerScript.writeLoop(
        begin, methods, "layerTensors[i], layerPacked[i]" + LayerScript.ARGUMENTS);
    begin.line("if wanted.size(0) == 0:");
    begin.line("  return x");
    begin.line("hidden = torch.index_select(x, 0, wanted)");
    this.end = begin.next();
    end.line("return %s", layersAlone ? "hidden" : writeHead());
    entry.append(begin.text()).append(end.text());
    this.source = program.source(entry.toString());
  }

  private String writeHead() {
    int groups = firsts().get(decoder.layers().size());
    return decoder.head().write(end, "hidden", Integer.toString(groups));
  }

  /** Writes a decoder's, in the current scope. */
  static DecoderProgram of(Decoder decoder, ScriptProgram.Use use) {
    return new DecoderProgram(decoder, use);
  }

  private void writeLayer(DecoderLayer layer) {
    ScriptWriter own = new ScriptWriter(program);
    own.line("return %s", layer.write(own, decoder, "x"));
    String parameters = LayerScript.withTypes("x: Tensor" + LayerScript.PARAMETERS);
    methods.add(program.method("layer", parameters + ") -> Tensor", own.text()));
    layers.add(own);
  }

  private void writeMasks(AttentionKernel kernel) {
    String slopes =
        kernel.masks.slopes().stream().map(begin::tensor).collect(Collectors.joining(", "));
    String text =
        MASKS
            .replace("{mask}", kernel.masks.write(program))
            .replace("{start}", kernel.shape.takesParts() ? " - segments[4 * s + 2]" : "")
            .replace("{slopes}", "[" + slopes + "]");
    writeLines(text);
  }

  private void writeLookups(int number) {
    AttentionKernel kernel = decoder.kernels().get(number);
    if (kernel.rowwise().mostRows() == 0) {
      writeLines(NO_LOOKUPS);
      return;
    }
    String lookup = AttentionScript.writeLookup(program, kernel.shape, kernel.rowwise());
    writeLines(
        LOOKUPS
            .replace("{lookup}", lookup)
            .replace("{layer}", Integer.toString(firstLayer(number)))
            .replace("{start}", kernel.shape.takesParts() ? " - segments[4 * s + 2]" : ""));
  }

  private int firstLayer(int kernel) {
    return Iterables.indexOf(decoder.layers(), layer -> layer.attention().kernel() == kernel);
  }

  private void writeLines(String text) {
    text.lines().forEach(line -> begin.line("%s", line.substring(ScriptProgram.BODY)));
  }

  private void writeAngles(Rotary rotary) {
    for (String name : rotary.writeAngles(begin, "positions")) {
      begin.line("angles.append(%s)", name);
    }
  }

  /** Where each layer's weights begin among an adapter's; behind them, the head's. */
  private List<Integer> firsts() {
    List<Integer> firsts = new ArrayList<>();
    int first = 0;
    for (DecoderLayer layer : decoder.layers()) {
      firsts.add(first);
      first += layer.spec().groups().size();
    }
    firsts.add(first);
    return firsts;
  }

  String source() {
    return source;
  }

  /** Fewer tokens are padded to so many rows in the layers. */
  int leastRows() {
    return layers.stream().mapToInt(ScriptWriter::leastRows).max().orElse(1);
  }

  /** Fewer rows are padded to so many at the head. */
  int leastHeadRows() {
    return end.leastRows();
  }

  // Places among the program's arguments.
  private static final int TENSORS = 7;
  private static final int PACKED = 8;
  private static final int LAYER_TENSORS = 9;
  private static final int LAYER_PACKED = 10;
  private static final int KINDS = 11;
  private static final int FIRSTS = 12;

  /** The arguments that are the same in every pass, in the current scope. */
  IValue[] arguments(Script script) {
    IValue layerTensors = script.emptyList(LAYER_TENSORS);
    IValue layerPacked = script.emptyList(LAYER_PACKED);
    for (ScriptWriter layer : layers) {
      DecoderScript.append(
          layerTensors, LayerScript.filled(script.emptyElement(LAYER_TENSORS), layer.tensors()));
      DecoderScript.append(
          layerPacked, LayerScript.filled(script.emptyElement(LAYER_PACKED), layer.packed()));
    }
    return new IValue[] {
      LayerScript.filled(script.emptyList(TENSORS), end.tensors()),
      LayerScript.filled(script.emptyList(PACKED), end.packed()),
      layerTensors,
      layerPacked,
      LayerScript.numbers(script.emptyList(KINDS), LayerScript.kinds(methods)),
      LayerScript.numbers(script.emptyList(FIRSTS), firsts())
    };
  }
}
