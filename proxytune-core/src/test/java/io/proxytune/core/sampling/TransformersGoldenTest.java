package io.proxytune.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.Penalties;
import io.proxytune.StandardSampler;
import io.proxytune.TokenConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The definition against what transformers' processors and warpers make of the same logits. */
class TransformersGoldenTest {
  static List<JsonNode> cases() throws IOException {
    try (InputStream file =
        TransformersGoldenTest.class.getResourceAsStream("/golden/sampling/warpers.json")) {
      JsonNode cases = new ObjectMapper().readTree(file).get("cases");
      return IntStream.range(0, cases.size()).mapToObj(cases::get).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void keepsTheSameIdsWithTheSameProbabilities(JsonNode golden) {
    float[] row = floats(golden.get("logits"));
    TokenHistory history = new TokenHistory(ints(golden.get("prompt")));
    IntStream.of(ints(golden.get("generated"))).forEach(history::append);
    ReferenceEdits.apply(row, plan(golden), history, null);
    StandardSampler sampler = (StandardSampler) plan(golden).sampler();
    Candidates kept =
        Filters.apply(
            Candidates.ofRow(row, new Scale(RowChecks.largest(row), sampler.temperature())),
            sampler);

    int[] ids = IntStream.range(0, kept.size()).map(kept::id).toArray();
    assertThat(ids).containsExactlyInAnyOrder(ints(golden.get("kept")));
    for (int rank = 0; rank < ids.length; rank++) {
      int index = indexOf(golden.get("kept"), ids[rank]);
      assertThat(Math.exp(kept.logprob(rank)))
          .isCloseTo(golden.get("probabilities").get(index).asDouble(), within(1e-7));
    }
  }

  private static SamplingPlan plan(JsonNode golden) {
    StandardSampler sampler =
        new StandardSampler(
            golden.path("temperature").asDouble(1),
            golden.path("topK").asInt(0),
            golden.path("topP").asDouble(1),
            golden.path("minP").asDouble(0),
            golden.path("typicalP").asDouble(1));
    Map<Integer, Double> bias = new HashMap<>();
    golden
        .path("bias")
        .properties()
        .forEach(e -> bias.put(Integer.valueOf(e.getKey()), e.getValue().asDouble()));
    Set<Integer> endIds = new HashSet<>();
    golden.path("endIds").forEach(id -> endIds.add(id.asInt()));
    return new SamplingPlan(
        sampler,
        1,
        new Penalties(golden.path("repetition").asDouble(1), 0, 0),
        bias,
        Set.of(),
        List.of(),
        golden.path("minNewTokens").asInt(0),
        endIds,
        TokenConstraints.NONE,
        Integer.MAX_VALUE,
        null);
  }

  private static float[] floats(JsonNode values) {
    float[] row = new float[values.size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = Float.parseFloat(values.get(i).asText());
    }
    return row;
  }

  private static int[] ints(JsonNode values) {
    return IntStream.range(0, values.size()).map(i -> values.get(i).asInt()).toArray();
  }

  private static int indexOf(JsonNode values, int id) {
    return IntStream.range(0, values.size())
        .filter(i -> values.get(i).asInt() == id)
        .findFirst()
        .orElseThrow();
  }
}
