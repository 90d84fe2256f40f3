package io.proxytune.core.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PartialLogits.Uncertified;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A real llama.cpp server with SmolLM2-135M-Instruct in 4 bits beside the same weights here. {@code
 * src/test/golden/smollm2.py} makes the checkpoint, and {@code llama_server.py} beside it serves
 * the file that it is made of.
 *
 * <pre>{@code
 * mvn -B test -pl proxytune-core -am -Dtest=RealLlamaServerTest -Dproxytune.smollm2=FOLDER
 *     -Dproxytune.llamaServer=http://localhost:8080 -Dsurefire.failIfNoSpecifiedTests=false
 * }</pre>
 */
@Tag("slow")
@EnabledIfSystemProperty(named = "proxytune.smollm2", matches = ".+")
@EnabledIfSystemProperty(named = "proxytune.llamaServer", matches = ".+")
class RealLlamaServerTest {
  private static final List<String> TEXTS =
      List.of(
          "The capital of France is",
          "Once upon a time, there was",
          "def fibonacci(n):\n",
          "🎉🎉🎉🎉", // half a character is likeliest next
          "The recipe needs two eggs,");

  private static LogitModel local;
  private static RemoteModel remote;

  @BeforeAll
  static void connect() {
    local = TorchModels.load(Path.of(System.getProperty("proxytune.smollm2")));
    remote =
        RemoteModels.llamaServer(URI.create(System.getProperty("proxytune.llamaServer")))
            .vocabularyOf(local)
            .connect();
  }

  @AfterAll
  static void close() {
    remote.close();
    local.close();
  }

  private static float[] row(LogitModel model, int[] ids) {
    try (LogitSession session = model.newSession(ids.length);
        Logits logits = model.forward(List.of(new Segment(session, ids, Rows.LAST)))) {
      return logits.row(0);
    }
  }

  /** Natural log-probabilities in float64. */
  private static double[] logprobs(float[] row) {
    double most = IntStream.range(0, row.length).mapToDouble(i -> row[i]).max().orElseThrow();
    double sum = IntStream.range(0, row.length).mapToDouble(i -> Math.exp(row[i] - most)).sum();
    return IntStream.range(0, row.length).mapToDouble(i -> row[i] - most - Math.log(sum)).toArray();
  }

  /** Its products round activations to 8 bits, which ours don't. */
  @Test
  void rowsAreOursWithinTheServersRounding() {
    for (String text : TEXTS) {
      int[] ids = local.tokenizer().orElseThrow().encode(text, false);
      double[] ours = logprobs(row(local, ids));
      double[] theirs = logprobs(row(remote, ids));
      double divergence =
          IntStream.range(0, ours.length)
              .mapToDouble(i -> Math.exp(ours[i]) * (ours[i] - theirs[i]))
              .sum();
      double mean =
          IntStream.range(0, ours.length)
              .mapToDouble(i -> Math.abs(ours[i] - theirs[i]))
              .average()
              .orElseThrow();
      assertThat(divergence).as(text).isBetween(0.0, 0.02);
      assertThat(mean).as(text).isLessThan(0.3);
    }
    assertThat(remote.stats().repeated()).isZero();
  }

  /** An expert whose anti-expert it is as well changes nothing; the base's own text comes out. */
  @Test
  void steersTheServersModelWithModelsHere() {
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(8);
    try (ProxyTuner plain = ProxyTuner.builder().base(remote).build();
        ProxyTuner same =
            ProxyTuner.builder().base(remote).expert(local).antiExpert(local).build();
        ProxyTuner extended =
            ProxyTuner.builder().base(local).expert(remote).antiExpert(local).build()) {
      Generation alone = plain.generate(TEXTS.get(0), options);
      assertThat(alone.text()).contains("Paris");
      assertThat(same.generate(TEXTS.get(0), options).text()).isEqualTo(alone.text());
      // local + (server − local) is the server
      assertThat(extended.generate(TEXTS.get(0), options).text()).isEqualTo(alone.text());
    }
  }

  /** An expert that reads another prompt moves many tokens; few of the server's settle them. */
  @Test
  void fewTokensAreEnoughToBeCertain() {
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(16);
    Prompt prompt =
        Prompt.of("My favourite animal is the")
            .withText(Role.EXPERT, 0, "All about whales and the sea. My favourite animal is the");
    try (RemoteModel few =
            RemoteModels.llamaServer(URI.create(System.getProperty("proxytune.llamaServer")))
                .vocabularyOf(local)
                .likeliest(16, remote.width(), Uncertified.REFUSE)
                .connect();
        ProxyTuner whole =
            ProxyTuner.builder().base(remote).expert(local).antiExpert(local).build();
        ProxyTuner partial =
            ProxyTuner.builder().base(few).expert(local).antiExpert(local).build()) {
      Generation right = whole.generate(prompt, options);
      Generation text = partial.generate(prompt, options);
      assertThat(text.tokenIds()).isEqualTo(right.tokenIds());
      assertThat(few.stats().certified()).isEqualTo(16);
      assertThat(few.stats().meanShown()).isLessThan(remote.width() / 16.0);
    }
  }
}
