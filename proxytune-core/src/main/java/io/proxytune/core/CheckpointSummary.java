package io.proxytune.core;

import io.proxytune.PublishedDefaults;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a checkpoint folder holds, read without loading its weights: immutable.
 *
 * @param name the folder's name
 * @param architecture the Hugging Face class, such as {@code LlamaForCausalLM}
 * @param layers the number of transformer layers
 * @param hiddenSize the width of the residual stream
 * @param heads the number of query heads
 * @param kvHeads the number of key and value heads
 * @param parameters the number of stored parameters
 * @param storedBytes their size on disk in bytes
 * @param bytesByDType the stored bytes by safetensors dtype, such as {@code BF16}
 * @param quantizedBytes the bytes of the loaded weights by {@linkplain Quantization#parse textual
 *     form} of the quantization, what it leaves being as stored
 * @param layouts how linear layers' weights would lie in memory on this machine's processor, by
 *     dtype or quantization, for people; empty where that shows only when a model is loaded
 * @param kvBytesPerToken the KV cache's bytes for each token when loaded as stored on the CPU,
 *     where bfloat16 models keep it in float32
 * @param kvBytesSliding the bytes of a full context's KV cache under {@link
 *     LoadOptions#withSlidingWindowCache}; those of all tokens where no layer has a window
 * @param contextLength the context length in tokens
 * @param vocabularySize the number of ids with a token
 * @param logitWidth the number of logits in a row
 * @param specialTokens special tokens by id
 * @param endOfTextIds the ids that end a text
 * @param chatTemplate whether the folder has a chat template
 * @param published how its author recommends to generate with it
 * @param publishedProblem what is wrong with what was published, if something is; then {@code
 *     published} has no settings
 */
public record CheckpointSummary(
    String name,
    String architecture,
    int layers,
    int hiddenSize,
    int heads,
    int kvHeads,
    long parameters,
    long storedBytes,
    Map<String, Long> bytesByDType,
    Map<String, Long> quantizedBytes,
    Map<String, String> layouts,
    long kvBytesPerToken,
    long kvBytesSliding,
    int contextLength,
    int vocabularySize,
    int logitWidth,
    Map<Integer, String> specialTokens,
    List<Integer> endOfTextIds,
    boolean chatTemplate,
    PublishedDefaults published,
    Optional<String> publishedProblem) {}
