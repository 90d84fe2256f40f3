package io.proxytune.core.family;

import static com.google.common.base.Strings.lenientFormat;
import static java.util.Objects.requireNonNull;

import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.DecoderSpec;
import java.util.Set;
import java.util.function.Function;

/** A kind of model that can be loaded. Immutable. */
public final class Family {
  /** Whether tokens see those before them alone, as nearly all configs leave unsaid. */
  static final String CAUSAL = "is_causal";

  private final String architecture;
  private final String body;
  private final String modelType;
  private final Function<Source, DecoderSpec> description;

  /**
   * A family.
   *
   * @param architecture the Hugging Face class
   * @param body the class without head, whose checkpoints have other names or lack a tied head
   * @param modelType what {@code model_type} says
   * @param description what its configs mean
   */
  Family(
      String architecture,
      String body,
      String modelType,
      Function<Source, DecoderSpec> description) {
    this.architecture = requireNonNull(architecture, "architecture");
    this.body = requireNonNull(body, "body");
    this.modelType = requireNonNull(modelType, "modelType");
    this.description = requireNonNull(description, "description");
  }

  /**
   * The Hugging Face class.
   *
   * @return what {@code architectures} names
   */
  public String architecture() {
    return architecture;
  }

  /**
   * Its short name.
   *
   * @return what {@code model_type} says
   */
  public String modelType() {
    return modelType;
  }

  /** Also where a class of before transformers had it is spelt otherwise (MPTForCausalLM). */
  boolean isNamed(String name) {
    return architecture.equalsIgnoreCase(name) || body.equalsIgnoreCase(name);
  }

  /**
   * Describes a model.
   *
   * @param config its {@code config.json}, or the part of it that is about text
   * @param stored the names of its tensors, as the description has them; they tell which of the
   *     published forms a checkpoint has
   * @return the decoder, with no more layers than tensors of that number could make up
   * @throws CheckpointException if a key is missing, out of range or unsupported
   */
  public DecoderSpec describe(ConfigJson config, Set<String> stored) {
    try {
      DecoderSpec spec = description.apply(new Source(architecture, config, stored));
      if (!config.flag(CAUSAL, true) && !spec.isBidirectional()) {
        throw config.refusal(CAUSAL, "true: only Llama's attention to both sides is supported");
      }
      return spec;
    } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
      // What each key may be is checked where it is read, but not all that must fit together.
      throw new CheckpointException(
          lenientFormat(
              "%s: its sizes make up no %s: %s; take the config.json that these weights were saved"
                  + " with",
              config.file(), architecture, e.getMessage()),
          e);
    }
  }
}
