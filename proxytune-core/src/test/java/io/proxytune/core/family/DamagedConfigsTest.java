package io.proxytune.core.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a config says, it is described or refused by one exception. */
class DamagedConfigsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROUNDS = 150;
  private static final List<String> VALUES =
      List.of(
          "0",
          "1",
          "-1",
          "2",
          "3",
          "7",
          "64",
          "1000003",
          "2147483647",
          "2147483648",
          "0.3",
          "1e30",
          "-0.5",
          "NaN",
          "true",
          "false",
          "null",
          "\"\"",
          "\"gelu\"",
          "\"yarn\"",
          "[]",
          "[1]",
          "[0, 1, 2]",
          "[\"full_attention\"]",
          "[[[\"local\"], 3]]",
          "{}",
          "{\"factor\": 2}",
          "{\"rope_type\": \"linear\", \"factor\": 1e300}",
          "{\"rope_type\": \"yarn\"}");

  @TempDir Path folder;

  static Stream<FamilyGolden> goldens() {
    return FamilyGolden.all();
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void isDescribedOrRefused(FamilyGolden golden) throws IOException {
    Random random = new Random(golden.name().hashCode());
    for (int round = 0; round < ROUNDS; round++) {
      ObjectNode config = golden.config();
      for (int change = 0; change <= random.nextInt(3); change++) {
        damage(config, random);
      }
      check(config, golden);
    }
  }

  private static void damage(ObjectNode config, Random random) throws IOException {
    List<String> keys = new ArrayList<>();
    config.fieldNames().forEachRemaining(keys::add);
    String key = keys.get(random.nextInt(keys.size()));
    if (config.get(key) instanceof ObjectNode inner && !inner.isEmpty() && random.nextBoolean()) {
      damage(inner, random);
    } else if (random.nextInt(6) == 0 && keys.size() > 1) {
      config.remove(key);
    } else {
      config.set(key, value(VALUES.get(random.nextInt(VALUES.size()))));
    }
  }

  private static JsonNode value(String text) throws IOException {
    return text.equals("NaN") ? JSON.getNodeFactory().numberNode(Double.NaN) : JSON.readTree(text);
  }

  private void check(ObjectNode config, FamilyGolden golden) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, JSON.writeValueAsString(config));
    try {
      ConfigJson read = ConfigJson.read(file);
      Families.of(read).describe(Families.text(read), golden.tensorNames());
    } catch (CheckpointException e) {
      assertThat(e).hasMessageContaining("config.json");
    } catch (RuntimeException | Error e) {
      throw new AssertionError(golden + " with " + config, e);
    }
  }
}
