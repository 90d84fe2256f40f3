package io.proxytune.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a PEFT folder with a LoRA adapter holds, read without loading it: immutable.
 *
 * @param name the folder's name
 * @param baseModel the model that it was trained on, by its own account: a path or a name
 * @param baseFolder its folder, if the path is there, seen from the adapter's folder or from the
 *     working directory
 * @param rank r, where {@code rank_pattern} does not say otherwise
 * @param alpha {@code lora_alpha}, where {@code alpha_pattern} does not say otherwise
 * @param rankStabilized whether α is divided by √r instead of r
 * @param targets the kinds of linear layers that have an adapter, such as {@code q_proj}, sorted;
 *     {@code embed_tokens} where the embedding has one
 * @param layers how many linear layers and embeddings have one
 * @param parameters the number of stored parameters, those of whole weights and biases included
 * @param bytesByDType their size on disk in bytes by safetensors dtype, such as {@code F32}
 */
public record AdapterSummary(
    String name,
    Optional<String> baseModel,
    Optional<Path> baseFolder,
    int rank,
    double alpha,
    boolean rankStabilized,
    List<String> targets,
    int layers,
    long parameters,
    Map<String, Long> bytesByDType) {}
