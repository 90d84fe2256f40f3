package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.ProxyTunerBuilder;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.TinyFamily;
import io.proxytune.model.LogitModel;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A server whose models are fused otherwise than by proxy-tuning. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FusedServerTest {
  private static final String PATH = "/v1/completions";

  private LogitModel base;
  private LogitModel expert;
  private LogitModel antiExpert;

  @BeforeAll
  void load(@TempDir Path folder) {
    Path family = TinyFamily.write(folder.resolve("family"));
    base = TorchModels.load(family.resolve("base"));
    expert = TorchModels.load(family.resolve("expert"));
    antiExpert = TorchModels.load(family.resolve("small"));
  }

  @AfterAll
  void free() {
    base.close();
    expert.close();
    antiExpert.close();
  }

  private static RunningServer server(Fusion fusion, LogitModel base, ExpertPair... pairs) {
    return RunningServer.of(
        RunningServer.settings(ApiKeys.none(), ServerLimits.USUAL, null), fusion, base, pairs);
  }

  private static String body(String more) {
    return "{'prompt':'why is the sky','max_tokens':8,'ignore_eos':true" + more + "}";
  }

  private static String text(JsonNode answer) {
    return answer.get("choices").get(0).get("text").textValue();
  }

  private String expected(Fusion fusion, ExpertPair... pairs) {
    ProxyTunerBuilder builder = ProxyTuner.builder().base(base).fusion(fusion);
    for (ExpertPair pair : pairs) {
      builder.pair(pair);
    }
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(8).withIgnoreEndOfText(true);
    try (ProxyTuner tuner = builder.build()) {
      return tuner.generate(Prompt.of("why is the sky"), options).text();
    }
  }

  @Test
  void sourcesAloneAreServedBesideTheBase() {
    Fusion mixture = Fusion.mixture(base, expert, 0.9);
    try (RunningServer server = server(mixture, base)) {
      JsonNode models = RunningServer.json(server.get("/v1/models").body()).get("data");
      assertThat(models.findValuesAsText("id")).containsExactly("base+expert", "base");
      assertThat(models.get(0).get("alpha")).isEmpty();
      assertThat(text(server.ask(PATH, body("")))).isEqualTo(expected(mixture));
      assertThat(text(server.ask(PATH, body(",'model':'base'"))))
          .isEqualTo(expected(Fusion.proxyTuning()))
          .isNotEqualTo(expected(mixture));
    }
  }

  @Test
  void strengthsThatWereSaidAtTheStartAreNotARequests() {
    try (RunningServer server = server(Fusion.unlearn(expert, 1), base)) {
      HttpResponse<String> refused = server.post(PATH, body(",'alpha':0.5"));
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body())
          .contains("'base+expert' is served without any: how strongly its models are fused");
    }
  }

  @Test
  void pairsKeepTheirStrengthsUnderAPreset() {
    Fusion dexperts = Fusion.dexperts(expert, antiExpert, 1);
    Fusion ofPairs =
        new Fusion(dexperts.space(), dexperts.candidates(), dexperts.strength(), List.of());
    ExpertPair pair = ExpertPair.of(expert, antiExpert);
    try (RunningServer server = server(ofPairs, base, pair)) {
      assertThat(text(server.ask(PATH, body("")))).isEqualTo(expected(ofPairs, pair));
      assertThat(text(server.ask(PATH, body(",'alpha':3"))))
          .isEqualTo(expected(ofPairs, pair.withAlpha(3)));
      assertThat(text(server.ask(PATH, body(",'model':'base'"))))
          .isEqualTo(expected(Fusion.proxyTuning()));
    }
  }
}
