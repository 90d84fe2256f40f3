package io.proxytune.core.family;

import static java.nio.charset.StandardCharsets.UTF_8;
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
  private static final long FNV = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

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
    double sum = 0;
    long state = hash(name + "#");
    for (float value : values) {
      state += GAMMA;
      sum += (double) value * level(state);
    }
    return sum;
  }

  private static void add(
      SafetensorsWriter writer,
      StoredType type,
      String name,
      JsonNode rule,
      UnaryOperator<String> names) {
    long[] shape = new long[rule.get(0).size()];
    long count = 1;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = rule.get(0).get(i).longValue();
      count *= shape[i];
    }
    float[] values = new float[(int) count];
    long state = hash(name);
    for (int i = 0; i < values.length; i++) {
      state += GAMMA;
      values[i] = (float) (rule.get(1).doubleValue() + level(state) * rule.get(2).doubleValue());
    }
    writer.add(names.apply(name), type, values, shape);
  }

  /** FNV-1a. */
  private static long hash(String name) {
    long hash = FNV;
    for (byte b : name.getBytes(UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }

  /** SplitMix64, its highest bits as a number from -32 to 31. */
  private static long level(long state) {
    long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return ((z ^ (z >>> 31)) >>> 58) - 32;
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

  /** The lengths of passes that {@link #chunkedRows} come of. */
  public int[] chunks() {
    return ints("chunks");
  }

  public List<float[]> chunkedRows() {
    return rows("chunkedRows");
  }

  private int[] ints(String key) {
    int[] ints = new int[content.get(key).size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = content.get(key).get(i).intValue();
    }
    return ints;
  }

  private List<float[]> rows(String key) {
    byte[] bytes = Base64.getDecoder().decode(content.get(key).textValue());
    FloatBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    int width = floats.remaining() / prompt().length;
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
