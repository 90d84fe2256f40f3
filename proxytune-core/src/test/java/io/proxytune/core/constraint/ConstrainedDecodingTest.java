package io.proxytune.core.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.proxytune.Constraint;
import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.core.CoreTunerProvider;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.spi.TunerSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Texts of random models are what their constraints say, whatever picks the tokens. */
class ConstrainedDecodingTest {
  private static final List<Sampler> SAMPLERS =
      List.of(
          Sampler.greedy(),
          Sampler.temperature(1),
          Sampler.topP(0.9),
          Sampler.topK(5),
          Sampler.minP(0.1).withTemperature(2),
          (Sampler.Custom) (logits, context) -> lastFinite(logits));

  private static final CheckpointTokenizer BYTE_LEVEL = tokenizer("byte-level");
  private static final CheckpointTokenizer SENTENCE_PIECE = tokenizer("sentencepiece");

  private final SchemaRegistry validators =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private static CheckpointTokenizer tokenizer(String name) {
    return CheckpointTokenizer.open(Path.of("src/test/resources/tokenizers", name));
  }

  private static int lastFinite(float[] logits) {
    return IntStream.range(0, logits.length)
        .filter(id -> logits[id] > Float.NEGATIVE_INFINITY)
        .max()
        .orElseThrow();
  }

  private static ProxyTuner tuner(CheckpointTokenizer tokenizer, long seed) {
    ExpertPair pair =
        ExpertPair.of(
            RandomSource.of("expert", tokenizer, seed + 1),
            RandomSource.of("anti-expert", tokenizer, seed + 2));
    return new CoreTunerProvider()
        .create(
            TunerSpec.builder()
                .base(RandomSource.of("base", tokenizer, seed))
                .pairs(List.of(pair))
                .build());
  }

  private static GenerationOptions options(Random random) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withMaxNewTokens(200)
            .withSeed(random.nextLong())
            .withSampler(SAMPLERS.get(random.nextInt(SAMPLERS.size())));
    if (random.nextInt(4) == 0) {
      options = options.withPenalties(new Penalties(1.3, 0.2, 0.1));
    }
    if (random.nextInt(4) == 0) {
      options = options.withLogitBias(Map.of(random.nextInt(300), 5.0)).withMinNewTokens(12);
    }
    if (random.nextInt(4) == 0) {
      options = options.withProcessors(List.of((logits, context) -> logits[7] = 50));
    }
    Speculation[] all = {
      Speculation.off(), Speculation.draft(3), Speculation.draft(4).withPromptLookup(true)
    };
    return options.withSpeculation(all[random.nextInt(all.length)]);
  }

  /** More with {@code -Dproxytune.constraint.schemas=1000}. */
  @Tag("slow")
  @Test
  void everyTextMeetsItsSchema() {
    int count = Integer.getInteger("proxytune.constraint.schemas", 40);
    int whole = 0;
    for (int i = 0; i < count; i++) {
      Random random = new Random(i);
      String schema = JsonOutput.compact(new RandomSchemas(random).next());
      CheckpointTokenizer tokenizer = random.nextBoolean() ? BYTE_LEVEL : SENTENCE_PIECE;
      try (ProxyTuner tuner = tuner(tokenizer, i)) {
        GenerationOptions options = options(random).withConstraint(Constraint.jsonSchema(schema));
        Prompt prompt = Prompt.ofIds(tokenizer.encode("a prompt", false));
        for (Generation generation : tuner.generateMany(prompt, 2, options)) {
          if (generation.finishReason() == FinishReason.END_OF_TEXT) {
            whole++;
            assertMeets(schema, generation.text(), options);
          } else {
            assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
          }
        }
      }
    }
    assertThat(whole).as("texts that came to their end").isGreaterThan(count);
  }

  private void assertMeets(String schema, String text, GenerationOptions options) {
    assertThat(validators.getSchema(schema).validate(text, InputFormat.JSON))
        .as("%s, %s with %s", schema, text, options)
        .isEmpty();
  }
}
