package io.proxytune.core.torch.model;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.ProcessMemory;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A weight that oneDNN laid out, as tensors that can be kept: its memory, and oneDNN's description
 * of how the weight lies in it. Of a description nothing is made but a comparison: a weight made
 * again is one that oneDNN laid out anew, of any numbers, whose memory is filled with what was
 * kept. The weight must stay open. For one thread at a time.
 */
final class OneDnnBlocks implements AutoCloseable {
  private static final String BLOCKS = "blocksOfOneDnn";
  private static final String DESCRIPTION = "description";

  // Of oneDNN 3.7: bytes that belong to no number of it, and that it leaves as they were.
  private static final int DESCRIPTION_BYTES = 772;
  private static final int[] GAPS = {108, 316, 420};

  /** The operators, which not every build has. */
  private record Kernels(BoxedOperator address, BoxedOperator bytes, BoxedOperator description) {
    static final Optional<Kernels> found = find();

    private static Optional<Kernels> find() {
      Optional<BoxedOperator> address = BoxedOperator.find("mkldnn::data_ptr", "");
      Optional<BoxedOperator> bytes = BoxedOperator.find("mkldnn::_nbytes", "");
      Optional<BoxedOperator> description =
          BoxedOperator.find("mkldnn::_get_mkldnn_serialized_md", "");
      return address.isEmpty() || bytes.isEmpty() || description.isEmpty()
          ? Optional.empty()
          : Optional.of(new Kernels(address.get(), bytes.get(), description.get()));
    }

    Memory memory(Tensor packed, ScalarType type) {
      IValue argument = new IValue(packed);
      long numbers = bytes.callForObject(argument).toInt() / torch.elementSize(type);
      long begin = address.callForObject(argument).toInt();
      Tensor blocks = ProcessMemory.tensorAt(begin, numbers, type);
      return new Memory(blocks, withoutGaps(description.call(argument)));
    }

    private static Tensor withoutGaps(Tensor description) {
      if (description.size(0) == DESCRIPTION_BYTES) {
        for (int gap : GAPS) {
          description.narrow(0, gap, Integer.BYTES).zero_();
        }
      }
      return description;
    }
  }

  /**
   * A weight's memory, in the current scope.
   *
   * @param blocks {@code [numbers]}
   * @param description {@code [bytes]}, uint8
   */
  private record Memory(Tensor blocks, Tensor description) {
    Map<String, Tensor> kept() {
      return ImmutableMap.of(BLOCKS, Native.keep(blocks), DESCRIPTION, Native.keep(description));
    }
  }

  private @Nullable Map<String, Tensor> kept; // once asked for

  /**
   * What the weight can be made of again.
   *
   * @param packed the weight, the same in each call
   * @param type what its memory is kept as
   * @return tensors that stay this object's; none where this build of LibTorch doesn't tell where
   *     the memory is
   */
  Map<String, Tensor> kept(Tensor packed, ScalarType type) {
    if (kept == null) {
      kept = Kernels.found.map(found -> found.memory(packed, type).kept()).orElse(Map.of());
    }
    return kept;
  }

  /** Whether a weight was kept so. */
  static boolean areIn(KeptWeight kept) {
    return kept.has(BLOCKS);
  }

  /**
   * Fills a weight's memory.
   *
   * @param packed as oneDNN laid it out, of any numbers
   * @param type what its memory was kept as
   * @param kept what {@link #kept} gave
   * @throws KeptWeight.UnusableException if it is of a weight that lies otherwise, or can't be read
   */
  static void fill(Tensor packed, ScalarType type, KeptWeight kept) {
    if (Kernels.found.isEmpty()) {
      throw new KeptWeight.UnusableException("LibTorch doesn't tell where oneDNN's blocks are");
    }
    Memory own = Kernels.found.get().memory(packed, type);
    Tensor other = kept.read(DESCRIPTION, ScalarType.Byte, own.description.size(0));
    if (!torch.equal(other, own.description)) {
      throw new KeptWeight.UnusableException("oneDNN lays the weight out in another way here");
    }
    kept.readInto(BLOCKS, own.blocks);
  }

  @Override
  public void close() {
    if (kept != null) {
      kept.values().forEach(Tensor::close);
    }
  }
}
