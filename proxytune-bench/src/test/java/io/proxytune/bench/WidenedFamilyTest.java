package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped family, widened by factors of which the roots are no powers of two. */
@Tag("slow")
class WidenedFamilyTest {
  private static final ModelShape BASE = new ModelShape("base", 512, 8, 8, 4, 800, 1000);
  private static final ModelShape SMALL = new ModelShape("small", 192, 4, 6, 6, 300, 1000);
  private static final LoadOptions FLOAT32 = LoadOptions.defaults().withDType(DType.FLOAT32);
  private static final Path FAMILY = WidenedFamily.shipped();

  private static final List<String> QUESTIONS =
      List.of(
          "Tell me about Greta Keld.",
          "What does Zelda North play?",
          "How do I decorate a kettle?",
          "How do I steal a table?");

  @TempDir static Path temporary;

  @BeforeAll
  static void widen() throws IOException {
    CheckpointWidener.widen(FAMILY.resolve("base"), BASE, temporary.resolve("base"));
    CheckpointWidener.widen(FAMILY.resolve("expert"), SMALL, temporary.resolve("expert"));
    CheckpointWidener.widen(FAMILY.resolve("small"), SMALL, temporary.resolve("small"));
    CheckpointWidener.widenAdapter(
        FAMILY.resolve("expert-lora"),
        FAMILY.resolve("small"),
        SMALL,
        temporary.resolve("expert-lora"));
  }

  @Test
  void everyModelHasTheLogitsOfTheShippedOne() {
    for (String name : List.of("base", "expert", "small")) {
      try (LogitModel before = TorchModels.load(FAMILY.resolve(name), FLOAT32);
          LogitModel after = TorchModels.load(temporary.resolve(name), FLOAT32)) {
        assertThat(distance(after, before)).as(name).isLessThan(1e-4);
      }
    }
  }

  @Test
  void bfloat16RoundsNoWorseThanTheShippedModels() {
    for (String name : List.of("base", "expert", "small")) {
      try (LogitModel exact = TorchModels.load(FAMILY.resolve(name), FLOAT32);
          LogitModel before = TorchModels.load(FAMILY.resolve(name));
          LogitModel after = TorchModels.load(temporary.resolve(name))) {
        double rounding = distance(before, exact);
        assertThat(rounding).as(name).isGreaterThan(0);
        assertThat(distance(after, exact)).as(name).isLessThan(3 * rounding);
      }
    }
  }

  @Test
  void theAdapterHasTheLogitsOfTheShippedOne() {
    try (LogitModel before = TorchModels.load(FAMILY.resolve("small"), FLOAT32);
        LogitModel after = TorchModels.load(temporary.resolve("small"), FLOAT32);
        LogitModel adapted = TorchModels.loadAdapter(before, FAMILY.resolve("expert-lora"));
        LogitModel wide = TorchModels.loadAdapter(after, temporary.resolve("expert-lora"))) {
      assertThat(distance(wide, adapted)).isLessThan(1e-4);
      assertThat(distance(adapted, before)).isGreaterThan(0.01);
    }
  }

  @Test
  void theSteeredTextsAreTheShippedFamilys() {
    assertThat(steered(temporary)).isEqualTo(steered(FAMILY));
  }

  @Test
  void theBaseAloneNeverPicksAPaddedId() {
    // A base that never stops, for as long as its context allows.
    GenerationOptions endless =
        GenerationOptions.defaults().withIgnoreEndOfText(true).withMaxNewTokens(100);
    try (LogitModel before = TorchModels.load(FAMILY.resolve("base"), FLOAT32);
        LogitModel after = TorchModels.load(temporary.resolve("base"), FLOAT32);
        ProxyTuner shipped = ProxyTuner.builder().base(before).build();
        ProxyTuner wide = ProxyTuner.builder().base(after).build()) {
      Generation text = wide.generate(QUESTIONS.get(0), endless);
      assertThat(text.tokenIds()).hasSize(100).allMatch(id -> id < before.width());
      assertThat(text.tokenIds()).isEqualTo(shipped.generate(QUESTIONS.get(0), endless).tokenIds());
    }
  }

  private static List<String> steered(Path folder) {
    try (LogitModel base = TorchModels.load(folder.resolve("base"), FLOAT32);
        LogitModel expert = TorchModels.load(folder.resolve("expert"), FLOAT32);
        LogitModel antiExpert = TorchModels.load(folder.resolve("small"), FLOAT32);
        ProxyTuner tuner =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build()) {
      List<String> texts = new ArrayList<>();
      for (String question : QUESTIONS) {
        Prompt prompt = Prompt.chat(ChatMessage.user(question));
        texts.add(tuner.generate(prompt, GenerationOptions.defaults()).text());
      }
      return texts;
    }
  }

  /** The largest difference in the ids that both have, as a share of the largest logit. */
  private static double distance(LogitModel model, LogitModel reference) {
    int[] ids = reference.tokenizer().orElseThrow().encode(QUESTIONS.get(0), true);
    double largest = 0;
    double difference = 0;
    try (LogitSession one = model.newSession(ids.length);
        LogitSession other = reference.newSession(ids.length);
        Logits rows = model.forward(List.of(new Segment(one, ids, Segment.Rows.ALL)));
        Logits expected = reference.forward(List.of(new Segment(other, ids, Segment.Rows.ALL)))) {
      for (int i = 0; i < ids.length; i++) {
        float[] row = rows.row(i);
        float[] wanted = expected.row(i);
        for (int j = 0; j < wanted.length; j++) {
          largest = Math.max(largest, Math.abs(wanted[j]));
          difference = Math.max(difference, Math.abs(row[j] - wanted[j]));
        }
      }
    }
    return difference / largest;
  }
}
