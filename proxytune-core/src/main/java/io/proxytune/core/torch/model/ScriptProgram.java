package io.proxytune.core.torch.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** The methods of a TorchScript program: what is written twice is there once. For one thread. */
final class ScriptProgram {
  /** Spaces before a method's statements. */
  static final int BODY = 4;

  /** The class that programs define. */
  static final String CLASS = "Decoder";

  private static final String HEADER =
      """
      class Decoder(Module):
        __parameters__ = []
        __buffers__ = []
      """;

  private final Map<String, String> methods = new LinkedHashMap<>(); // name by text, without it
  private final Use use;

  /** What a program is for. */
  enum Use {
    /** Decoding; keys and values go into caches, and tensors change in place. */
    DECODING,
    /** The same with the weights that are for few tokens, where they are in memory twice. */
    DECODING_FEW,
    /** The layers alone, for adapters that are more than products of low rank. */
    ADAPTING,
    /** The same with the weights that are for few tokens. */
    ADAPTING_FEW,
    /** Training: rows of one length, no cache, and nothing changes in place. */
    TRAINING;

    /** Whether it is of layers alone. */
    boolean isForAdapting() {
      return this == ADAPTING || this == ADAPTING_FEW;
    }
  }

  /** An empty program. */
  ScriptProgram(Use use) {
    this.use = use;
  }

  boolean isForFewTokens() {
    return use == Use.DECODING_FEW || use == Use.ADAPTING_FEW;
  }

  /** Whether it is of layers alone, and applies all that an adapter changes in them. */
  boolean isForAdapting() {
    return use.isForAdapting();
  }

  boolean isForTraining() {
    return use == Use.TRAINING;
  }

  /**
   * Adds a method, unless there is an equal one.
   *
   * @param prefix what its name begins with
   * @param signature its parameters but {@code self}, and its result: {@code x: Tensor) -> Tensor}
   * @param body its statements, indented by four spaces
   * @return its name
   */
  String method(String prefix, String signature, String body) {
    String text = "(self: __torch__.Decoder, " + signature + ":\n" + body;
    return methods.computeIfAbsent(prefix + text, any -> prefix + methods.size());
  }

  /** The whole source. */
  String source(String entry) {
    StringBuilder source = new StringBuilder(HEADER);
    methods.forEach(
        (text, name) ->
            source.append("\n  def ").append(name).append(text, text.indexOf('('), text.length()));
    return source.append(entry).toString();
  }
}
