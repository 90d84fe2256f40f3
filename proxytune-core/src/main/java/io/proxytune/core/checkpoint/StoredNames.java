package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.core.decoder.DecoderSpec;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Other names that tensors are stored under. */
final class StoredNames {
  /** What stands before the names of the text's part where a checkpoint is of images too. */
  private static final String TEXT = "language_model.";

  /** A layer's name: what precedes all names of the body, and what stands before the number. */
  private static final Pattern LAYER = Pattern.compile("(.*?)([^.]+\\.)0\\..*");

  /** Modules beside the body. */
  private static final Pattern HEAD =
      Pattern.compile("(?:model\\.|language_model\\.)*((?:lm_head|embed_out|output)\\..*)");

  /** What DistributedDataParallel, torch.compile and FSDP put before or into names. */
  private static final Pattern WRAPPER =
      Pattern.compile("(?:^|(?<=\\.))(module|_orig_mod|_fsdp_wrapped_module)\\.");

  private static final Pattern QUANTIZED =
      Pattern.compile(".*\\.(qweight|qzeros|g_idx|weight_scale|absmax|quant_state\\..*|SCB)");

  private StoredNames() {}

  /**
   * The tensors by the names that a causal language model gives them: transformers also saves the
   * body alone, without what precedes its names otherwise, reads it twice before all of them, and
   * puts the text's part of image models under a name of its own.
   *
   * @param stored the tensors by the names in the files
   * @param spec what names them, of one layer at least
   * @return the same tensors, renamed if none has the expected names
   */
  static Map<String, StoredTensor> canonical(Map<String, StoredTensor> stored, DecoderSpec spec) {
    return body(stored.keySet(), spec)
        .filter(body -> !body.stored.equals(body.expected))
        .map(body -> renamed(stored, body.stored, body.expected))
        .orElse(stored);
  }

  /**
   * What precedes the names of a model's body.
   *
   * @param stored where they are stored
   * @param expected in the model's description
   */
  record Body(String stored, String expected) {}

  /** What precedes the names of a body, where there are names of its layers. */
  static Optional<Body> body(Collection<String> names, DecoderSpec spec) {
    Matcher layer = LAYER.matcher(spec.layers().get(0).attention().query().weight());
    if (!layer.matches()) {
      return Optional.empty();
    }
    String body = layer.group(1);
    String layers = layer.group(2);
    return bodies(body).stream()
        .filter(other -> names.stream().anyMatch(name -> name.startsWith(other + layers)))
        .findFirst()
        .map(other -> new Body(other, body));
  }

  /** The name of a head or of a tensor of it, without what precedes it in image models. */
  static Optional<String> head(String name) {
    Matcher head = HEAD.matcher(name + ".");
    return head.matches()
        ? Optional.of(head.group(1).substring(0, head.group(1).length() - 1))
        : Optional.empty();
  }

  /** What may precede a body's names, the expected first. */
  private static Set<String> bodies(String body) {
    Set<String> bodies = new LinkedHashSet<>();
    bodies.add(body);
    for (int dot = body.indexOf('.'); dot >= 0; dot = body.indexOf('.', dot + 1)) {
      bodies.add(body.substring(dot + 1));
    }
    bodies.add(body + body);
    bodies.add(TEXT + body);
    bodies.add(body + TEXT);
    bodies.add(TEXT);
    return bodies;
  }

  private static Map<String, StoredTensor> renamed(
      Map<String, StoredTensor> stored, String from, String to) {
    Map<String, StoredTensor> renamed = new LinkedHashMap<>();
    for (StoredTensor tensor : stored.values()) {
      String name = renamed(tensor.name(), from, to);
      if (renamed.put(name, tensor.named(name)) != null) {
        return stored;
      }
    }
    return Collections.unmodifiableMap(renamed);
  }

  private static String renamed(String name, String from, String to) {
    Matcher head = HEAD.matcher(name);
    if (head.matches()) {
      return head.group(1);
    }
    return name.startsWith(from) ? to + name.substring(from.length()) : name;
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
