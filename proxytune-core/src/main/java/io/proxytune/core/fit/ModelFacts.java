package io.proxytune.core.fit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of a model matters to others: immutable. An adapter has its model's sizes, its own
 * parameters and memory, and its folder's tokenizer and end-of-text ids where it has some.
 *
 * @param architecture the Hugging Face class, such as {@code LlamaForCausalLM}
 * @param shape its layers and width, for example {@code 24 x 896}: a tuned model has that of the
 *     model that it was made from
 * @param parameters the number of its weights
 * @param contextLength the context length in tokens
 * @param tokens the number of ids with a token; 0 where there is no tokenizer
 * @param logitWidth the number of logits in a row
 * @param endOfText the tokens that end a text by id, an empty text where an id has none
 * @param chatTemplate whether the folder has a chat template
 * @param memory what the weights take, in bytes, by format: {@code float32}, {@code bfloat16},
 *     {@code int8}, {@code int4}
 * @param cacheBytesPerToken the KV cache's bytes for each token when loaded as stored on the CPU
 */
public record ModelFacts(
    String architecture,
    String shape,
    long parameters,
    int contextLength,
    int tokens,
    int logitWidth,
    Map<Integer, String> endOfText,
    boolean chatTemplate,
    Map<String, Long> memory,
    long cacheBytesPerToken) {
  public ModelFacts {
    endOfText = Collections.unmodifiableMap(new TreeMap<>(endOfText));
    memory = Collections.unmodifiableMap(new LinkedHashMap<>(memory));
  }
}
