package io.proxytune.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Score;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.checkpoint.SafetensorsWriter;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.fit.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loaded models whose tokens stand at other ids than the base's say what they say at its ids. */
class OtherIdsGoldenTest {
  private static final List<String> MOVED =
      List.of("blue", "</s>", "is", "<unk>", "<s>", "sky", "the");

  @TempDir Path temp;

  private Path small(String name, long seed, boolean moved) {
    TinyModel model = new TinyModel().seed(seed).padded(11);
    return (moved ? model.words(MOVED).padded(11).endsWith(1) : model).write(temp.resolve(name));
  }

  private Path base() {
    return new TinyModel().layers(3).seed(1).padded(9).write(temp.resolve("base"));
  }

  private Path adapter() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("lora"));
    ObjectNode config = new ObjectMapper().createObjectNode();
    config.put("peft_type", "LORA").put("r", 2).put("lora_alpha", 4).put("bias", "none");
    config.putArray("target_modules").add("q_proj");
    Files.writeString(folder.resolve("adapter_config.json"), config.toString());
    SafetensorsWriter writer = new SafetensorsWriter();
    for (int layer = 0; layer < 2; layer++) {
      String module = "base_model.model.model.layers." + layer + ".self_attn.q_proj.";
      writer.add(module + "lora_A.weight", StoredType.F32, random(layer), 2, 8);
      writer.add(module + "lora_B.weight", StoredType.F32, random(layer + 2), 8, 2);
    }
    writer.write(folder.resolve("adapter_model.safetensors"));
    return folder;
  }

  private static float[] random(int seed) {
    Random random = new Random(seed);
    float[] values = new float[16];
    IntStream.range(0, 16).forEach(i -> values[i] = (float) random.nextGaussian());
    return values;
  }

  /** What a trio says to prompts, in a batch. */
  private List<Generation> texts(LogitSource base, LogitSource expert, LogitSource anti) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withMaxNewTokens(20)
            .withSampler(Sampler.temperature(1))
            .withSeed(3)
            .withSpeculation(Speculation.draft(3))
            .withLogprobs(2);
    try (ProxyTuner tuner =
        ProxyTuner.builder().base(base).pair(new ExpertPair(expert, anti, 0.8)).build()) {
      return tuner.generateAll(
          List.of(Prompt.of("the sky is"), Prompt.of("blue"), Prompt.ofIds(1, 3, 4)), options);
    }
  }

  private Score score(LogitSource base, LogitSource expert, LogitSource anti) {
    try (ProxyTuner tuner =
        ProxyTuner.builder().base(base).pair(new ExpertPair(expert, anti, 0.8)).build()) {
      return tuner.score(Prompt.of("the sky"), " is blue the sky");
    }
  }

  private static void assertSame(List<Generation> actual, List<Generation> expected) {
    for (int i = 0; i < expected.size(); i++) {
      Generation text = actual.get(i);
      assertThat(text.tokens())
          .extracting(Token::id)
          .isEqualTo(expected.get(i).tokens().stream().map(Token::id).toList());
      assertThat(text.text()).isEqualTo(expected.get(i).text());
      assertThat(text.finishReason()).isEqualTo(expected.get(i).finishReason());
      for (int token = 0; token < text.tokens().size(); token++) {
        assertClose(text.tokens().get(token), expected.get(i).tokens().get(token));
      }
    }
  }

  private static void assertClose(Token actual, Token expected) {
    TokenLogprobs own = requireNonNull(actual.logprobs());
    TokenLogprobs its = requireNonNull(expected.logprobs());
    assertThat(own.logprob()).isCloseTo(its.logprob(), within(1e-5));
    for (int role = 0; role < 3; role++) {
      assertThat(own.roles().get(role).logprob())
          .isCloseTo(its.roles().get(role).logprob(), within(1e-5));
    }
  }

  @Test
  void anExpertPairAtOtherIdsSteersAlike() {
    try (LogitSource base = TorchModels.load(base());
        LogitSource anti = TorchModels.load(small("anti", 2, false));
        LogitSource expert = TorchModels.load(small("expert", 3, false));
        LogitSource movedAnti = TorchModels.load(small("moved-anti", 2, true));
        LogitSource movedExpert = TorchModels.load(small("moved-expert", 3, true))) {
      List<Generation> expected = texts(base, expert, anti);
      assertThat(expected).anySatisfy(text -> assertThat(text.tokens().size()).isGreaterThan(5));
      assertSame(texts(base, movedExpert, movedAnti), expected);
      assertSame(texts(base, movedExpert, anti), expected);
      assertSame(texts(base, expert, movedAnti), expected);
      Score score = score(base, expert, anti);
      assertThat(score(base, movedExpert, movedAnti).total())
          .isCloseTo(score.total(), within(1e-5));
    }
  }

  @Test
  void anAdapterAtOtherIdsSteersAlike() throws IOException {
    Path lora = adapter();
    try (LogitSource base = TorchModels.load(base());
        LogitSource anti = TorchModels.load(small("anti", 2, false));
        LogitSource expert = TorchModels.loadAdapter(anti, lora);
        LogitSource movedAnti = TorchModels.load(small("moved-anti", 2, true));
        LogitSource movedExpert = TorchModels.loadAdapter(movedAnti, lora)) {
      assertSame(texts(base, movedExpert, movedAnti), texts(base, expert, anti));
    }
  }
}
