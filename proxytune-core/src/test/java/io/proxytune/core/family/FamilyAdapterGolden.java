package io.proxytune.core.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.core.checkpoint.SafetensorsWriter;
import io.proxytune.core.checkpoint.StoredType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An adapter on a {@link FamilyGolden} and the logits that PEFT computes with it, made by {@code
 * src/test/golden/family_adapters.py}. Its weights follow from its tensors' names.
 */
public final class FamilyAdapterGolden {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SUFFIX = ".json";

  private final String name;
  private final JsonNode content;

  private FamilyAdapterGolden(String name, JsonNode content) {
    this.name = name;
    this.content = content;
  }

  public static Stream<FamilyAdapterGolden> all() {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .map(file -> file.getFileName().toString())
          .sorted()
          .map(file -> of(file.substring(0, file.length() - SUFFIX.length())))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static FamilyAdapterGolden of(String name) {
    try {
      Path file = folder().resolve(name + SUFFIX);
      return new FamilyAdapterGolden(name, JSON.readTree(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    try {
      return Path.of(FamilyAdapterGolden.class.getResource("/golden/family-adapters").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public String name() {
    return name;
  }

  /** The model that it is an adapter of. */
  public FamilyGolden host() {
    return FamilyGolden.of(content.get("host").textValue());
  }

  /** Writes {@code adapter_config.json} and {@code adapter_model.safetensors}. */
  public Path write(Path folder) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    FamilyGolden host = host();
    content
        .get("tensors")
        .properties()
        .forEach(tensor -> add(writer, host, tensor.getKey(), tensor.getValue()));
    try {
      Files.writeString(
          folder.resolve("adapter_config.json"), content.get("config").toPrettyString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    writer.write(folder.resolve("adapter_model.safetensors"));
    return folder;
  }

  private static void add(SafetensorsWriter writer, FamilyGolden host, String name, JsonNode rule) {
    boolean isCopy = rule.get(1).isTextual();
    float[] values = isCopy ? host.tensor(rule.get(1).textValue()) : FormulaWeights.of(name, rule);
    writer.add(name, StoredType.F32, values, FormulaWeights.shape(rule));
  }

  public int[] prompt() {
    return FamilyGolden.ints(content.get("prompt"));
  }

  /** The rows of all tokens of the prompt. */
  public List<float[]> rows() {
    return FamilyGolden.rows(content.get("rows"), prompt().length);
  }

  @Override
  public String toString() {
    return name;
  }
}
