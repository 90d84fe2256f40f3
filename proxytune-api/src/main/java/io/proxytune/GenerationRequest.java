package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a {@link GenerationListener} is told of a request: immutable.
 *
 * @param number the request's number among those of its tuner, from 0
 * @param model the name of the base
 * @param prompts what the models read: one prompt, or one for each text
 * @param texts the number of texts that are decoded together
 * @param options what was asked for
 */
public record GenerationRequest(
    long number, String model, List<Prompt> prompts, int texts, GenerationOptions options) {
  public GenerationRequest {
    requireNonNull(model, "model");
    prompts = List.copyOf(prompts);
    checkArgument(texts >= 0, "the number of texts must be >= 0, got %s", texts);
    requireNonNull(options, "options");
  }
}
