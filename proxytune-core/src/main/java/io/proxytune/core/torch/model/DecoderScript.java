package io.proxytune.core.torch.model;

import com.google.common.collect.ObjectArrays;
import com.google.common.io.Resources;
import io.proxytune.core.torch.script.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A decoder's pass as a TorchScript program, with the decoder's weights bound to it: {@code
 * decoder.torchscript}, for one kind of linear layer. The weights stay the decoder's. Immutable but
 * for {@link #close()}; safe for use by several threads.
 */
final class DecoderScript implements AutoCloseable {
  // Places among the program's arguments.
  private static final int PLACES = 2;
  private static final int CACHES = 3;
  private static final int ADAPTED = 7;
  private static final int NORMS = 11;
  private static final int WEIGHTS = 12;
  private static final int BIASES = 13;

  private final Script script;
  private final ScriptedLinear sample;
  private final IValue[] fixed;
  private final IValue noAdapter;

  /**
   * For each number of tokens that is padded, from 0 on: the token that each row repeats; behind
   * them nothing, for batches that need no padding.
   */
  private final List<IValue> paddings = new ArrayList<>();

  /**
   * Compiles the program.
   *
   * @param linears of one kind: four for each layer, and the head
   */
  DecoderScript(Decoder decoder, List<ScriptedLinear> linears) {
    this.sample = linears.get(0);
    this.script =
        Script.compile(
            "Decoder",
            source()
                .replace("{weight}", sample.scriptWeightType())
                .replace("{product}", sample.scriptProduct()));
    this.fixed = fixed(decoder, linears);
    this.noAdapter = Native.keep(AdapterWeights.noScript());
    for (int tokens = 0; sample.scriptRows(tokens) > tokens; tokens++) {
      long[] rows = new long[sample.scriptRows(tokens)];
      Arrays.fill(rows, Math.max(0, tokens - 1));
      for (int i = 0; i < tokens; i++) {
        rows[i] = i;
      }
      paddings.add(Native.keep(longs(rows)));
    }
    paddings.add(Native.keep(longs()));
  }

  private static String source() {
    try {
      return Resources.toString(
          Resources.getResource(DecoderScript.class, "decoder.torchscript"),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private IValue[] fixed(Decoder decoder, List<ScriptedLinear> linears) {
    IValue norms = script.emptyList(NORMS);
    for (DecoderLayer layer : decoder.layers()) {
      append(norms, new IValue(layer.inputNorm().doubledWeight()));
      append(norms, new IValue(layer.postAttentionNorm().doubledWeight()));
    }
    append(norms, new IValue(decoder.finalNorm().doubledWeight()));
    IValue weights = script.emptyList(WEIGHTS);
    IValue biases = script.emptyList(BIASES);
    for (ScriptedLinear linear : linears) {
      append(weights, linear.scriptWeight());
      append(biases, linear.scriptBias());
    }
    IValue[] all = {
      new IValue(decoder.embedding()),
      new IValue(decoder.rotary().signedFrequencies()),
      norms,
      weights,
      biases,
      new IValue((long) decoder.config().heads()),
      new IValue((long) decoder.config().kvHeads()),
      new IValue(decoder.config().normEpsilon())
    };
    for (IValue value : all) {
      Native.keep(value);
    }
    return all;
  }

  static void append(IValue list, IValue value) {
    try (GenericList values = list.toList()) {
      values.push_back(value);
    }
  }

  /**
   * Logits of the wanted rows of a batch with one adapter at most; nothing of use where no row is
   * wanted.
   *
   * @return {@code [wanted rows, vocabulary]}
   */
  Tensor logits(PassPlan plan) {
    int tokens = plan.tokens();
    long[] wanted = plan.wantedRows();
    List<AdapterRows> adapters = plan.adapterRows();
    IValue places = script.emptyList(PLACES);
    IValue caches = script.emptyList(CACHES);
    for (Span span : plan.spans()) {
      append(places, new IValue((long) span.count()));
      append(places, new IValue((long) span.position()));
      append(caches, new IValue(span.cache().store()));
    }
    IValue[] own = {
      longs(padded(plan.ids(), tokens)),
      positions(plan.spans(), sample.scriptRows(tokens)),
      places,
      caches,
      paddings.get(Math.min(tokens, paddings.size() - 1)),
      longs(wanted.length == 0 ? wanted : padded(wanted, wanted.length)),
      adapters.isEmpty() ? noAdapter : adapters.get(0).adapter().script(),
      rows(adapters),
      rows(plan.wantedAdapterRows())
    };
    Tensor logits = script.call(ObjectArrays.concat(own, fixed, IValue.class));
    return wanted.length == logits.size(0) ? logits : logits.narrow(0, 0, wanted.length);
  }

  private IValue rows(List<AdapterRows> adapters) {
    IValue rows = script.emptyList(ADAPTED);
    append(rows, new IValue(adapters.isEmpty() ? 0L : adapters.get(0).row()));
    append(rows, new IValue(adapters.isEmpty() ? 0L : adapters.get(0).count()));
    return rows;
  }

  /** As many rows as are computed for so many, with the last one repeated. */
  private long[] padded(long[] rows, int count) {
    long[] padded = Arrays.copyOf(rows, sample.scriptRows(count));
    Arrays.fill(padded, count, padded.length, rows[count - 1]);
    return padded;
  }

  private static IValue longs(long... values) {
    Tensor tensor =
        torch.empty(new long[] {values.length}, new TensorOptions(ScalarType.Long), null);
    if (values.length > 0) { // an empty tensor has no data to point to
      tensor.data_ptr_long().put(values);
    }
    return new IValue(tensor);
  }

  /** The position of each row; those of the padding do not matter. */
  private static IValue positions(List<Span> spans, int rows) {
    float[] positions = new float[rows];
    for (Span span : spans) {
      for (int i = 0; i < span.count(); i++) {
        positions[span.row() + i] = span.position() + i;
      }
    }
    Tensor tensor = torch.empty(new long[] {rows}, new TensorOptions(ScalarType.Float), null);
    tensor.data_ptr_float().put(positions);
    return new IValue(tensor);
  }

  @Override
  public void close() {
    noAdapter.close();
    paddings.forEach(IValue::close);
    for (IValue value : fixed) {
      value.close();
    }
    script.close();
  }
}
