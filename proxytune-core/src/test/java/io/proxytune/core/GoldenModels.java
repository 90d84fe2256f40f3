package io.proxytune.core;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.Preconditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tiny checkpoints and what transformers computes with them, made by the scripts in {@code
 * src/test/golden}.
 */
public final class GoldenModels {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private GoldenModels() {}

  /** A checkpoint's folder, such as {@code gqa-tied} or {@code trio/base}. */
  public static Path folder(String checkpoint) {
    return resource(checkpoint);
  }

  /** A file beside the manifests. */
  static Path expected(String file) {
    return resource("expected/" + file);
  }

  /** The manifest of that name. */
  static <T> T manifest(String name, Class<T> type) {
    try {
      return JSON.readValue(Files.readString(expected(name + ".json")), type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rows {@code [first, first + count)} that go with a manifest. */
  static List<float[]> rows(String name, int width, int first, int count) {
    FloatBuffer values = floats(expected(name + ".bin"));
    return IntStream.range(first, first + count).mapToObj(i -> row(values, i, width)).toList();
  }

  private static float[] row(FloatBuffer values, int index, int width) {
    float[] row = new float[width];
    values.get(index * width, row);
    return row;
  }

  private static FloatBuffer floats(Path file) {
    try {
      return ByteBuffer.wrap(Files.readAllBytes(file))
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path resource(String relative) {
    URL url = GoldenModels.class.getResource("/golden/models/" + relative);
    Preconditions.checkArgument(url != null, "no golden resource %s", relative);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
