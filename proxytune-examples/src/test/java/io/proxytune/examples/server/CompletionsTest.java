package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /v1/completions} says what the tuner says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompletionsTest {
  private static final String PATH = "/v1/completions";
  private static final GenerationOptions GREEDY = GenerationOptions.defaults();

  private ServedFamily family;
  private ProxyTuner tuner;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    family = ServedFamily.in(folder);
    tuner = family.tuner;
    server = family.server;
  }

  @AfterAll
  void stop() {
    family.close();
  }

  private JsonNode ask(String body) {
    return server.ask(PATH, body);
  }

  private static String text(JsonNode answer) {
    return answer.get("choices").get(0).get("text").textValue();
  }

  private Generation greedy(int tokens) {
    return tuner.generate(Prompt.of("why is the sky"), GREEDY.withMaxNewTokens(tokens));
  }

  @Test
  void aTextIsTheTuners() {
    Generation expected = greedy(6);
    JsonNode answer = ask("{'model':'base+expert','prompt':'why is the sky','max_tokens':6}");
    assertThat(text(answer)).isEqualTo(expected.text());
    assertThat(answer.get("object").textValue()).isEqualTo("text_completion");
    assertThat(answer.get("model").textValue()).isEqualTo("base+expert");
    assertThat(answer.get("id").textValue()).startsWith("cmpl-");
    assertThat(answer.get("usage"))
        .isEqualTo(
            RunningServer.json(
                "{\"prompt_tokens\":5,\"completion_tokens\":%d,\"total_tokens\":%d}"
                    .formatted(expected.tokenIds().size(), 5 + expected.tokenIds().size())));
    JsonNode choice = answer.get("choices").get(0);
    assertThat(choice.get("index").intValue()).isZero();
    assertThat(choice.get("logprobs").isNull()).isTrue();
    assertThat(choice.has("steering")).isFalse();
  }

  @Test
  void theFinishReasonSaysWhy() {
    JsonNode cut = ask("{'prompt':'why is the sky','max_tokens':2,'ignore_eos':true}");
    assertThat(cut.get("choices").get(0).get("finish_reason").textValue()).isEqualTo("length");
    JsonNode ended = ask("{'prompt':'why is the sky','logit_bias':{'2':1000}}");
    assertThat(ended.get("choices").get(0).get("finish_reason").textValue()).isEqualTo("stop");
    assertThat(text(ended)).isEmpty();
    JsonNode stopped = ask("{'prompt':'why is the sky','stop':['blue'],'logit_bias':{'11':1000}}");
    assertThat(stopped.get("choices").get(0).get("finish_reason").textValue()).isEqualTo("stop");
    assertThat(text(stopped)).doesNotContain("blue");
  }

  @Test
  void sixteenTokensAreWrittenWhereNothingIsSaid() {
    JsonNode answer = ask("{'prompt':'the sky','ignore_eos':true}");
    assertThat(answer.get("usage").get("completion_tokens").intValue()).isEqualTo(16);
  }

  @Test
  void samplingIsTheTunersWithTheSameSeed() {
    GenerationOptions options =
        GREEDY
            .withSampler(Sampler.temperature(1.5).withTopP(0.9).withTopK(12))
            .withSeed(7)
            .withMaxNewTokens(8)
            .withLogitBias(Map.of(9, -2.0))
            .withPenalties(GREEDY.penalties().withFrequency(0.5).withPresence(0.25));
    List<String> expected =
        tuner.generateMany(Prompt.of("the sea"), 3, options).stream()
            .map(Generation::text)
            .toList();
    String body =
        "{'prompt':'the"
            + " sea','max_tokens':8,'temperature':1.5,'top_p':0.9,'top_k':12,'seed':7,'n':3,"
            + "'logit_bias':{'9':-2},'frequency_penalty':0.5,'presence_penalty':0.25%s}";
    List<String> texts = new ArrayList<>();
    ask(body.formatted("")).get("choices").forEach(it -> texts.add(it.get("text").textValue()));
    assertThat(texts).isEqualTo(expected);

    List<StringBuilder> streamed =
        List.of(new StringBuilder(), new StringBuilder(), new StringBuilder());
    for (JsonNode event : server.events(PATH, body.formatted(",'stream':true"))) {
      for (JsonNode choice : event.get("choices")) {
        streamed.get(choice.get("index").intValue()).append(choice.get("text").textValue());
      }
    }
    assertThat(streamed.stream().map(StringBuilder::toString)).isEqualTo(expected);
  }

  @Test
  void promptsMayBeIdsOrSeveral() {
    int[] ids = tuner.tokenizer().encode("why is the sky", true);
    String text = greedy(6).text();
    assertThat(text(ask("{'prompt':%s,'max_tokens':6}".formatted(Arrays.toString(ids)))))
        .isEqualTo(text);
    JsonNode several =
        ask("{'prompt':['the sea is','why is the sky'],'max_tokens':6,'n':2}").get("choices");
    assertThat(several).hasSize(4);
    assertThat(several.get(2).get("text").textValue()).isEqualTo(text);
    assertThat(several.get(3).get("index").intValue()).isEqualTo(3);
    JsonNode lists =
        ask("{'prompt':[[1,7],%s],'max_tokens':6}".formatted(Arrays.toString(ids))).get("choices");
    assertThat(lists.get(1).get("text").textValue()).isEqualTo(text);
  }

  @Test
  void anEchoStandsBeforeTheText() {
    JsonNode answer =
        ask(
            "{'prompt':'why is the"
                + " sky','max_tokens':3,'echo':true,'logprobs':1,'ignore_eos':true}");
    Generation expected =
        tuner.generate(
            Prompt.of("why is the sky"), GREEDY.withMaxNewTokens(3).withIgnoreEndOfText(true));
    assertThat(text(answer)).isEqualTo("why is the sky" + expected.text());
    assertThat(answer.get("choices").get(0).get("logprobs").get("tokens")).hasSize(8);
    StringBuilder streamed = new StringBuilder();
    List<String> tokens = new ArrayList<>();
    for (JsonNode event :
        server.events(
            PATH,
            "{'prompt':'why is the sky','max_tokens':3,'echo':true,'logprobs':1,'ignore_eos':true,"
                + "'stream':true}")) {
      JsonNode choice = event.get("choices").get(0);
      streamed.append(choice.get("text").textValue());
      choice.get("logprobs").path("tokens").forEach(token -> tokens.add(token.textValue()));
    }
    assertThat(streamed).hasToString(text(answer));
    assertThat(tokens).hasSize(8);
  }

  @Test
  void streamsSayTheSame() {
    String body = "{'prompt':'why is the sky','max_tokens':6%s}";
    JsonNode whole = ask(body.formatted(""));
    List<JsonNode> events =
        server.events(
            PATH, body.formatted(",'stream':true,'stream_options':{'include_usage':true}"));
    JsonNode last = events.get(events.size() - 1);
    assertThat(last.get("choices")).isEmpty();
    assertThat(last.get("usage")).isEqualTo(whole.get("usage"));
    List<JsonNode> pieces = events.subList(0, events.size() - 1);
    assertThat(pieces).allSatisfy(it -> assertThat(it.get("usage").isNull()).isTrue());
    assertThat(
            pieces.stream()
                .map(it -> it.get("choices").get(0).get("text").textValue())
                .collect(Collectors.joining()))
        .isEqualTo(text(whole));
    assertThat(pieces.get(pieces.size() - 1).get("choices").get(0).get("finish_reason").textValue())
        .isEqualTo(whole.get("choices").get(0).get("finish_reason").textValue());
    assertThat(events.stream().map(it -> it.get("id")).distinct()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.5, 0.5", "[-1], -1", "2, 2"})
  void alphaIsThePairs(String given, double alpha) {
    try (ProxyTuner other =
        RunningServer.tuner(
            family.base, List.of(new ExpertPair(family.expert, family.antiExpert, alpha)))) {
      String expected = other.generate(Prompt.of("the sea is"), GREEDY.withMaxNewTokens(12)).text();
      assertThat(text(ask("{'prompt':'the sea is','max_tokens':12,'alpha':%s}".formatted(given))))
          .isEqualTo(expected);
    }
  }

  @Test
  void theBaseAloneIsAModelToo() {
    try (ProxyTuner alone = RunningServer.tuner(family.base, List.of())) {
      String expected = alone.generate(Prompt.of("the sea is"), GREEDY.withMaxNewTokens(12)).text();
      assertThat(text(ask("{'model':'base','prompt':'the sea is','max_tokens':12}")))
          .isEqualTo(expected);
    }
    assertThat(
            server
                .refusal(PATH, "{'model':'base','prompt':'the','alpha':1}", 400)
                .get("message")
                .textValue())
        .contains("served without any");
  }

  @Test
  void thereAreTwoModels() {
    JsonNode list = RunningServer.json(server.get("/v1/models").body());
    assertThat(list.get("object").textValue()).isEqualTo("list");
    assertThat(list.get("data")).hasSize(2);
    JsonNode first = list.get("data").get(0);
    assertThat(first.get("id").textValue()).isEqualTo("base+expert");
    assertThat(first.get("alpha")).hasSize(1);
    assertThat(RunningServer.json(server.get("/v1/models/base").body()))
        .isEqualTo(list.get("data").get(1));
    assertThat(server.get("/v1/models/gone").statusCode()).isEqualTo(404);
  }
}
