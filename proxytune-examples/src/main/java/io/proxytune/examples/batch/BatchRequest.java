package io.proxytune.examples.batch;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;

/**
 * What a line asks for.
 *
 * @param id what is carried through; missing where the line has none
 * @param prompt what each model reads
 * @param options how the text is generated
 */
public record BatchRequest(JsonNode id, Prompt prompt, GenerationOptions options) {}
