package io.proxytune.core.torch.model;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.proxytune.core.torch.ProcessMemory;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tells ways of packing apart by what they make of a small weight: blocks, digits and scales, to
 * the bit. Two that make the same of it are taken for one, whichever processor they are for.
 */
final class KeptForm {
  // No multiples of any block, and more than one of each.
  private static final long OUTPUTS = 72;
  private static final long INPUTS = 1101;

  /** Found out once: they are the same as long as the process lives. */
  private static final Map<String, Optional<String>> found = new ConcurrentHashMap<>();

  private KeptForm() {}

  /**
   * Packs the weight, the first time that it is asked for.
   *
   * @param factory what packs
   * @param dtype the model's
   * @return a text that differs where the ways do; nothing where no weight is kept
   */
  static Optional<String> of(LinearFactory factory, ScalarType dtype) {
    String way = factory.getClass().getName() + " " + factory.layout() + " " + dtype;
    return found.computeIfAbsent(way, any -> find(factory, dtype));
  }

  private static Optional<String> find(LinearFactory factory, ScalarType dtype) {
    Tensor weight =
        torch
            .arange(new Scalar(OUTPUTS * INPUTS), new TensorOptions(ScalarType.Float))
            .mul_(new Scalar(0.37))
            .cos_()
            .view(OUTPUTS, INPUTS);
    try (Linear linear = factory.create(weight.to(dtype), null)) {
      Map<String, Tensor> kept = linear.kept();
      return kept.isEmpty() ? Optional.empty() : Optional.of(hash(kept));
    }
  }

  private static String hash(Map<String, Tensor> tensors) {
    Hasher hasher = Hashing.sha256().newHasher();
    tensors.forEach(
        (name, tensor) -> {
          hasher.putUnencodedChars(name).putInt(tensor.scalar_type().value);
          int bytes = Math.toIntExact(tensor.nbytes());
          hasher.putBytes(ProcessMemory.at(tensor.data_ptr().address(), bytes));
        });
    return hasher.hash().toString();
  }
}
