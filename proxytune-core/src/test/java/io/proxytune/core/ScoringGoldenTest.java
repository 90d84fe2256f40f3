package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ChatMessage;
import io.proxytune.Choice;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Score;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is scored after a prompt, and how likely it is: ids by the rule of lm-evaluation-harness,
 * log-probabilities by transformers, over all of the models' padded logits. {@code scoring.py} made
 * them.
 */
class ScoringGoldenTest {
  private static final LoadOptions FLOAT32 = LoadOptions.defaults().withDType(DType.FLOAT32);

  private record Manifest(List<OfTokenizer> tokenizers, List<OfCheckpoint> checkpoints) {}

  private record OfTokenizer(String tokenizer, List<Case> cases, List<Case> chats) {}

  private record OfCheckpoint(String checkpoint, List<Case> cases) {}

  private record Case(
      String prompt,
      String continuation,
      List<Integer> ids,
      List<Double> logprobs,
      double total,
      boolean spans) {}

  private static Manifest manifest() {
    return GoldenModels.manifest("scoring", Manifest.class);
  }

  private static Path tokenizers(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(ScoringGoldenTest.class.getResource("/tokenizers/" + name))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertScores(
      ProxyTuner tuner, List<Case> cases, Function<String, Prompt> prompts) {
    assertThat(cases).isNotEmpty();
    for (Case golden : cases) {
      assertScore(tuner.score(prompts.apply(golden.prompt), golden.continuation), golden);
    }
  }

  private static void assertScore(Score score, Case golden) {
    String what = "'%s' after '%s'".formatted(golden.continuation, golden.prompt);
    assertThat(score.tokens()).as(what).extracting(Score.TokenScore::id).isEqualTo(golden.ids);
    for (int i = 0; i < golden.ids.size(); i++) {
      assertThat(score.tokens().get(i).logprob())
          .as("token %s of %s", i, what)
          .isCloseTo(golden.logprobs.get(i), within(2e-4));
    }
    assertThat(score.total()).as(what).isCloseTo(golden.total, within(1e-3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece", "unigram"})
  void scoresEqualThoseOfTheHarness(String name, @TempDir Path folder) throws IOException {
    OfTokenizer golden =
        manifest().tokenizers.stream()
            .filter(of -> of.tokenizer.equals(name))
            .findFirst()
            .orElseThrow();
    Path verbatim =
        Files.writeString(folder.resolve("template.jinja"), "{{ messages[0].content }}");
    try (LogitSource model = TorchModels.load(GoldenModels.folder("scoring/" + name), FLOAT32);
        ProxyTuner tuner =
            ProxyTuner.builder()
                .base(model)
                .tokenizer(CheckpointTokenizer.open(tokenizers(name), verbatim))
                .build()) {
      assertThat(model.width()).as("padded").isGreaterThan(tuner.tokenizer().vocabularySize());
      assertScores(tuner, golden.cases, Prompt::of);
      assertScores(tuner, golden.chats, text -> Prompt.chat(ChatMessage.user(text)));
      assertChosenAlike(tuner, golden.cases);
    }
  }

  /** Options of one prompt of which none has a token that spans the border, as each alone. */
  private static void assertChosenAlike(ProxyTuner tuner, List<Case> cases) {
    List<Case> options =
        cases.stream().filter(c -> c.prompt.equals("The sun ") && !c.spans).toList();
    Choice choice =
        tuner.choose(Prompt.of("The sun "), options.stream().map(Case::continuation).toList());
    for (int i = 0; i < options.size(); i++) {
      assertScore(choice.scores().get(i), options.get(i));
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"tinystories-656k", "stories-260k"})
  void scoresOfTrainedModelsEqualThoseOfTheHarness(String name) {
    Path folder = SharedData.require("checkpoints/" + name);
    OfCheckpoint golden =
        manifest().checkpoints.stream()
            .filter(of -> of.checkpoint.equals(name))
            .findFirst()
            .orElseThrow();
    try (LogitSource model = TorchModels.load(folder, FLOAT32);
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      assertScores(tuner, golden.cases, Prompt::of);
      assertThat(tuner.choose(Prompt.of("Once upon a"), List.of(" time", " dog", " the")).index())
          .isZero();
    }
  }
}
