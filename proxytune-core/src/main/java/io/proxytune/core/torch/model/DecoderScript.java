package io.proxytune.core.torch.model;

import com.google.common.collect.ObjectArrays;
import io.proxytune.core.torch.script.Script;
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
 * A decoder's pass as a TorchScript program, with the decoder's weights bound to it. The weights
 * stay the decoder's. Immutable but for {@link #close()}; safe for use by several threads.
 */
final class DecoderScript implements AutoCloseable {
  // Places among the program's arguments.
  private static final int PLACES = 1;
  private static final int CACHES = 2;
  private static final int SHARED = 3;
  private static final int HALVES = 6;

  private final Decoder decoder;
  private final boolean layersAlone;
  private final Script script;
  private final int leastRows; // in layers
  private final int leastHeadRows;
  private final IValue[] fixed;
  private final IValue noAdapter;
  private final IValue noHalves;

  /**
   * For each number of tokens that is padded, from 0 on: the token that each row repeats; behind
   * them nothing, for batches that need no padding.
   */
  private final List<IValue> paddings = new ArrayList<>();

  /**
   * Compiles the program.
   *
   * @param use for decoding, or for adapting: of layers alone, between an embedding and a head that
   *     are called one by one
   */
  DecoderScript(Decoder decoder, ScriptProgram.Use use) {
    DecoderProgram program = DecoderProgram.of(decoder, use);
    this.decoder = decoder;
    this.layersAlone = use.isForAdapting();
    this.script = Script.compile(ScriptProgram.CLASS, program.source());
    this.leastRows = program.leastRows();
    this.leastHeadRows = program.leastHeadRows();
    this.fixed = program.arguments(script);
    for (IValue value : fixed) {
      Native.keep(value);
    }
    this.noAdapter = Native.keep(AdapterWeights.noScript());
    this.noHalves = Native.keep(emptyHalves());
    for (int tokens = 0; tokens < leastRows; tokens++) {
      long[] rows = new long[leastRows];
      Arrays.fill(rows, Math.max(0, tokens - 1));
      for (int i = 0; i < tokens; i++) {
        rows[i] = i;
      }
      paddings.add(Native.keep(new IValue(longs(rows))));
    }
    paddings.add(Native.keep(new IValue(longs())));
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
    List<AdapterRows> adapters = plan.adapterRows();
    long[] wanted = plan.wantedRows();
    List<Span> spans = plan.spans();
    List<SharedRun> runs = SharedRun.of(spans);
    IValue caches = script.emptyList(CACHES);
    spans.forEach(span -> append(caches, span.cache().own().script()));
    IValue shared = script.emptyList(SHARED);
    runs.forEach(run -> append(shared, run.part().script()));
    Tensor numbers = numbers(plan, wanted);
    IValue[] own = {
      new IValue(numbers),
      places(plan, runs),
      caches,
      shared,
      paddings.get(Math.min(plan.tokens(), paddings.size() - 1)),
      adapters.isEmpty() ? noAdapter : adapters.get(0).adapter().script(),
      adapters.isEmpty() ? noHalves : halves(adapters.get(0).adapter())
    };
    IValue[] arguments = ObjectArrays.concat(own, fixed, IValue.class);
    if (layersAlone) {
      Tensor hidden = script.call(ObjectArrays.concat(arguments, embedded(plan, numbers)));
      return wanted.length == 0 ? hidden : decoder.head().apply(hidden, plan.wantedAdapterRows());
    }
    Tensor logits = script.call(arguments);
    return wanted.length == logits.size(0) ? logits : logits.narrow(0, 0, wanted.length);
  }

  /** What layers read of a batch's rows and of those that pad it. */
  private IValue embedded(PassPlan plan, Tensor numbers) {
    long rows = Math.max(plan.tokens(), leastRows);
    Tensor ids = numbers.narrow(0, 0, rows);
    Tensor places = numbers.narrow(0, rows, rows);
    return new IValue(decoder.embedding().apply(ids, places, plan.adapterRows()));
  }

  private IValue halves(AdapterWeights adapter) {
    IValue halves = adapter.scriptHalves();
    return halves == null ? noHalves : halves;
  }

  /** An empty list for an adapter's matrices in float16, in the current scope. */
  IValue emptyHalves() {
    return script.emptyList(HALVES);
  }

  /** Id and position of each row, and the rows wanted; padding repeats what is before it. */
  private Tensor numbers(PassPlan plan, long[] wanted) {
    int rows = Math.max(plan.tokens(), leastRows);
    int wantedRows = wanted.length == 0 ? 0 : Math.max(wanted.length, leastHeadRows);
    long[] numbers = Arrays.copyOf(plan.ids(), 2 * rows + wantedRows);
    Arrays.fill(numbers, plan.tokens(), rows, numbers[plan.tokens() - 1]);
    for (Span span : plan.spans()) {
      for (int i = 0; i < span.count(); i++) {
        numbers[rows + span.row() + i] = (long) span.position() + i;
      }
    }
    for (int i = 0; i < wantedRows; i++) {
      numbers[2 * rows + i] = wanted[Math.min(i, wanted.length - 1)];
    }
    return longs(numbers);
  }

  private IValue places(PassPlan plan, List<SharedRun> runs) {
    IValue places = script.emptyList(PLACES);
    try (GenericList list = places.toList()) {
      add(list, Math.max(plan.tokens(), leastRows));
      add(list, plan.adapterRows());
      add(list, plan.wantedAdapterRows());
      for (Span span : plan.spans()) {
        add(list, span.count());
        add(list, span.position());
        add(list, span.cache().start());
        add(list, span.cache().windowStart());
      }
      for (SharedRun run : runs) {
        add(list, run.row());
        add(list, run.count());
      }
    }
    return places;
  }

  /** The first row and the number of the adapter's. */
  private static void add(GenericList list, List<AdapterRows> adapters) {
    add(list, adapters.isEmpty() ? 0 : adapters.get(0).row());
    add(list, adapters.isEmpty() ? 0 : adapters.get(0).count());
  }

  private static void add(GenericList list, long value) {
    try (IValue number = new IValue(value)) {
      list.push_back(number);
    }
  }

  private static Tensor longs(long... values) {
    Tensor tensor =
        torch.empty(new long[] {values.length}, new TensorOptions(ScalarType.Long), null);
    if (values.length > 0) { // an empty tensor has no data to point to
      tensor.data_ptr_long().put(values);
    }
    return tensor;
  }

  @Override
  public void close() {
    noAdapter.close();
    noHalves.close();
    paddings.forEach(IValue::close);
    for (IValue value : fixed) {
      value.close();
    }
    script.close();
  }
}
