package io.proxytune.examples.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The family that ships gives the logits that transformers and peft give (see family.py). */
class FamilyGoldenTest {
  private static final double TOLERANCE = 2e-3;
  private static final LoadOptions FLOAT32 = LoadOptions.defaults().withDType(DType.FLOAT32);

  private static JsonNode golden() throws IOException {
    try (InputStream file = FamilyGoldenTest.class.getResourceAsStream("/golden/family.json")) {
      assumeTrue(file != null, "family.py has not been run: no family was trained yet");
      return new ObjectMapper().readTree(file);
    }
  }

  @TestFactory
  List<DynamicTest> everyModelGivesTheOraclesLogits() throws IOException {
    JsonNode golden = golden();
    FamilyFolder family = FamilyFolder.require(null);
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode row : golden.get("rows")) {
      String name = row.get("model").textValue() + ": " + row.get("prompt").textValue();
      tests.add(DynamicTest.dynamicTest(name, () -> check(family, row)));
    }
    return tests;
  }

  private static LogitModel load(FamilyFolder family, String name) {
    return name.equals("expert-lora")
        ? TorchModels.load(family.small(), FLOAT32.withAdapter(family.expertLora()))
        : TorchModels.load(family.path().resolve(name), FLOAT32);
  }

  private static void check(FamilyFolder family, JsonNode row) {
    String name = row.get("model").textValue();
    int[] expectedIds =
        IntStream.range(0, row.get("ids").size())
            .map(i -> row.get("ids").get(i).intValue())
            .toArray();
    try (LogitModel model = load(family, name);
        LogitModel reader = load(family, name.equals("expert-lora") ? "expert" : name)) {
      Tokenizer tokenizer = reader.tokenizer().orElseThrow();
      assertThat(tokenizer.hasChatTemplate()).isEqualTo(row.get("chat").booleanValue());
      assertThat(ids(tokenizer, row.get("prompt").textValue())).containsExactly(expectedIds);
      float[] logits = lastRow(model, expectedIds);
      assertThat(logits).hasSize(row.get("logits").size());
      for (int id = 0; id < logits.length; id++) {
        double expected = row.get("logits").get(id).doubleValue();
        assertThat((double) logits[id]).as("id %s", id).isCloseTo(expected, within(TOLERANCE));
      }
    }
  }

  private static int[] ids(Tokenizer tokenizer, String prompt) {
    return tokenizer.hasChatTemplate()
        ? tokenizer.encode(
            tokenizer.renderChat(List.of(ChatMessage.user(prompt)), true, Map.of()), false)
        : tokenizer.encode(prompt, true);
  }

  private static float[] lastRow(LogitModel model, int[] ids) {
    try (LogitSession session = model.newSession(ids.length);
        Logits logits = model.forward(List.of(new Segment(session, ids, Segment.Rows.LAST)))) {
      return logits.row(0);
    }
  }
}
