package io.proxytune.core.family;

import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.checkpoint.SafetensorsWriter;
import io.proxytune.core.checkpoint.StoredType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A tiny checkpoint of a family and the logits that transformers computes with it, made by {@code
 * src/test/golden/families.py}. Its weights follow from its tensors' names.
 */
public final class FamilyGolden {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final JsonNode content;

  private FamilyGolden(String name, JsonNode content) {
    this.name = name;
    this.content = content;
  }

  public static Stream<FamilyGolden> all() {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".json"))
          .map(file -> of(file.substring(0, file.length() - ".json".length())))
          .sorted((a, b) -> a.name.compareTo(b.name))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static FamilyGolden of(String name) {
    try {
      return new FamilyGolden(
          name, JSON.readTree(Files.readString(folder().resolve(name + ".json"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    try {
      return Path.of(FamilyGolden.class.getResource("/golden/families").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public String name() {
    return name;
  }

  /** A config to change at will. */
  ObjectNode config() {
    return content.get("config").deepCopy();
  }

  Set<String> tensorNames() {
    return content.get("tensors").properties().stream().map(Map.Entry::getKey).collect(toSet());
  }

  /** Writes {@code config.json} and {@code model.safetensors}. */
  public Path write(Path folder) {
    return write(folder, StoredType.F32);
  }

  public Path write(Path folder, StoredType type) {
    return write(folder, type, name -> name);
  }

  /** Writes them with other names of the same tensors. */
  Path write(Path folder, StoredType type, UnaryOperator<String> names) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    content
        .get("tensors")
        .properties()
        .forEach(tensor -> add(writer, type, tensor.getKey(), tensor.getValue(), names));
    try {
      Files.writeString(folder.resolve("config.json"), content.get("config").toPrettyString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    writer.write(folder.resolve("model.safetensors"));
    return folder;
  }

  /** Whether the config is of a model of images and text. */
  public boolean isOfImages() {
    return content.get("config").has("vision_config");
  }

  /** Whether there are a loss and gradients: families without experts have them. */
  public boolean hasGradients() {
    return content.has("loss");
  }

  /** The mean loss of predicting each token of the prompt but the first. */
  public double loss() {
    return content.get("loss").doubleValue();
  }

  /** For each tensor the norm of its gradient and the gradient's {@link #projection}. */
  public Map<String, double[]> gradients() {
    Map<String, double[]> gradients = new TreeMap<>();
    content
        .get("gradients")
        .properties()
        .forEach(
            entry ->
                gradients.put(
                    entry.getKey(),
                    new double[] {
                      entry.getValue().get(0).doubleValue(), entry.getValue().get(1).doubleValue()
                    }));
    return gradients;
  }

  /** The sum of products with numbers that follow from a tensor's name. */
  public static double projection(String name, float[] values) {
    int[] levels = FormulaWeights.levels(name + "#", values.length);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += (double) values[i] * levels[i];
    }
    return sum;
  }

  private static void add(
      SafetensorsWriter writer,
      StoredType type,
      String name,
      JsonNode rule,
      UnaryOperator<String> names) {
    writer.add(names.apply(name), type, FormulaWeights.of(name, rule), FormulaWeights.shape(rule));
  }

  /** The values of one of its tensors. */
  float[] tensor(String tensor) {
    return FormulaWeights.of(tensor, content.get("tensors").get(tensor));
  }

  public int[] prompt() {
    return ints("prompt");
  }

  /** The rows of all tokens of the prompt, read in one pass. */
  public List<float[]> rows() {
    return rows("rows");
  }

  /** Whether rotation depends on the length of a pass, so that rows do too. */
  public boolean byLength() {
    return content.has("chunks");
  }

  /** Whether tokens see those behind them, so that the prompt is read in one pass. */
  public boolean isWhole() {
    return content.has("whole");
  }

  /** The lengths of passes that {@link #chunkedRows} come of. */
  public int[] chunks() {
    return ints("chunks");
  }

  public List<float[]> chunkedRows() {
    return rows("chunkedRows");
  }

  private int[] ints(String key) {
    return ints(content.get(key));
  }

  static int[] ints(JsonNode numbers) {
    int[] ints = new int[numbers.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = numbers.get(i).intValue();
    }
    return ints;
  }

  private List<float[]> rows(String key) {
    return rows(content.get(key), prompt().length);
  }

  /** Little-endian float32 in base64. */
  static List<float[]> rows(JsonNode encoded, int count) {
    byte[] bytes = Base64.getDecoder().decode(encoded.textValue());
    FloatBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    int width = floats.remaining() / count;
    List<float[]> rows = new ArrayList<>();
    while (floats.hasRemaining()) {
      float[] row = new float[width];
      floats.get(row);
      rows.add(row);
    }
    return rows;
  }

  @Override
  public String toString() {
    return name;
  }
}
