package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Other names that tensors are stored under. */
final class StoredNames {
  /** What stands before all names but the head's, in the models that have one. */
  private static final String PREFIX = "model.";

  /** What DistributedDataParallel, torch.compile and FSDP put before or into names. */
  private static final Pattern WRAPPER =
      Pattern.compile("(?:^|(?<=\\.))(module|_orig_mod|_fsdp_wrapped_module)\\.");

  private static final Pattern QUANTIZED =
      Pattern.compile(".*\\.(qweight|qzeros|g_idx|weight_scale|absmax|quant_state\\..*|SCB)");

  private StoredNames() {}

  /**
   * The tensors by the names that a causal language model gives them: transformers also saves the
   * body alone, without {@code model.}, and reads a second {@code model.} before all of them.
   *
   * @param stored the tensors by the names in the files
   * @param names what they are expected to be
   * @return the same tensors, renamed if none has the expected names
   */
  static Map<String, StoredTensor> canonical(Map<String, StoredTensor> stored, TensorNames names) {
    if (!names.embedding().startsWith(PREFIX)
        || stored.containsKey(names.finalNorm())
        || stored.containsKey(names.embedding())) {
      return stored;
    }
    Map<String, StoredTensor> renamed = new LinkedHashMap<>();
    stored.values().forEach(tensor -> put(renamed, tensor, names));
    return renamed.size() == stored.size() && renamed.containsKey(names.finalNorm())
        ? Collections.unmodifiableMap(renamed)
        : stored;
  }

  private static void put(
      Map<String, StoredTensor> tensors, StoredTensor tensor, TensorNames names) {
    String bare = tensor.name();
    while (bare.startsWith(PREFIX)) {
      bare = bare.substring(PREFIX.length());
    }
    String name = bare.equals(names.head()) ? bare : PREFIX + bare;
    tensors.put(name, tensor.named(name));
  }

  /**
   * What to do where a tensor is missing.
   *
   * @param stored the names of the tensors that are there
   * @param missing the one that is not
   * @return the advice, if other names explain it
   */
  static Optional<String> advice(Collection<String> stored, String missing) {
    String layer = missing.replaceFirst("\\.(weight|bias)$", ".");
    for (String name : stored) {
      if (!name.equals(missing) && withoutWrappers(name).equals(missing)) {
        return Optional.of(wrapped(name));
      }
      if (QUANTIZED.matcher(name).matches() && name.startsWith(layer)) {
        return Optional.of(
            lenientFormat(
                "its weights are quantized (\"%s\"; GPTQ, AWQ or the like), which is not read:"
                    + " load the checkpoint that it was made from, and round that at load with"
                    + " LoadOptions.withQuantization or --quantize",
                name));
      }
    }
    return Optional.empty();
  }

  /** A name without what wrappers of a model put into it. */
  static String withoutWrappers(String name) {
    return WRAPPER.matcher(name).replaceAll("");
  }

  /** What to do about a name of a wrapped model. */
  static String wrapped(String name) {
    return lenientFormat(
        "it holds \"%s\" instead: the names carry a prefix of what the model was wrapped in"
            + " (DistributedDataParallel, torch.compile or FSDP); unwrap it before it is saved"
            + " (model.module, model._orig_mod or accelerator.unwrap_model(model)), or rename the"
            + " tensors",
        name);
  }
}
