package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Score;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.TinyFamily;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
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

  private LogitModel base;
  private LogitModel expert;
  private LogitModel antiExpert;
  private ProxyTuner tuner;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    Path family = TinyFamily.write(folder.resolve("family"));
    base = TorchModels.load(family.resolve("base"));
    expert = TorchModels.load(family.resolve("expert"));
    antiExpert = TorchModels.load(family.resolve("small"));
    ExpertPair pair = ExpertPair.of(expert, antiExpert);
    tuner = RunningServer.tuner(base, List.of(pair));
    server = RunningServer.of(base, pair);
  }

  @AfterAll
  void stop() {
    server.close();
    tuner.close();
    base.close();
    expert.close();
    antiExpert.close();
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
  void logprobsAreTheTuners() {
    Generation expected =
        tuner.generate(
            Prompt.of("why is the sky"),
            GREEDY.withMaxNewTokens(5).withIgnoreEndOfText(true).withLogprobs(3));
    JsonNode answer =
        ask("{'prompt':'why is the sky','max_tokens':5,'logprobs':3,'ignore_eos':true}");
    JsonNode logprobs = answer.get("choices").get(0).get("logprobs");
    for (int i = 0; i < 5; i++) {
      TokenLogprobs of = expected.tokens().get(i).logprobs();
      assertThat(logprobs.get("token_logprobs").get(i).doubleValue())
          .isCloseTo(of.logprob(), within(1e-5));
      JsonNode top = logprobs.get("top_logprobs").get(i);
      assertThat(top).hasSize(3);
      String token = logprobs.get("tokens").get(i).textValue();
      assertThat(top.get(token)).isEqualTo(logprobs.get("token_logprobs").get(i));
      assertThat(top.iterator().next().doubleValue())
          .isCloseTo(of.top().get(0).logprob(), within(1e-5));
    }
    List<String> tokens = new ArrayList<>();
    logprobs.get("tokens").forEach(token -> tokens.add(token.textValue()));
    assertThat(String.join("", tokens).replace("<s>", "")).isEqualTo(text(answer));
    assertThat(logprobs.get("text_offset").get(1).intValue()).isEqualTo(tokens.get(0).length());
  }

  @Test
  void withoutAlternativesThereIsNothingButTheToken() {
    JsonNode logprobs =
        ask("{'prompt':'the sky','max_tokens':2,'logprobs':0}")
            .get("choices")
            .get(0)
            .get("logprobs");
    assertThat(logprobs.get("token_logprobs")).isNotEmpty();
    assertThat(logprobs.get("top_logprobs").isNull()).isTrue();
  }

  /** What evaluations ask for: the log-probabilities of a given text. */
  @Test
  void echoedLogprobsAreTheScores() {
    Score score = tuner.score(Prompt.of("why is the sky"), " blue because of light");
    int[] ids = tuner.tokenizer().encode("why is the sky blue because of light", true);
    JsonNode answer =
        ask(
            "{'prompt':[%s],'max_tokens':0,'echo':true,'logprobs':1}"
                .formatted(Arrays.toString(ids)));
    JsonNode choice = answer.get("choices").get(0);
    assertThat(choice.get("text").textValue()).isEqualTo("why is the sky blue because of light");
    assertThat(choice.get("finish_reason").textValue()).isEqualTo("length");
    assertThat(answer.get("usage").get("completion_tokens").intValue()).isZero();
    assertThat(answer.get("usage").get("prompt_tokens").intValue()).isEqualTo(ids.length);
    JsonNode logprobs = choice.get("logprobs");
    assertThat(logprobs.get("token_logprobs")).hasSize(ids.length);
    assertThat(logprobs.get("token_logprobs").get(0).isNull()).isTrue();
    assertThat(logprobs.get("top_logprobs").get(0).isNull()).isTrue();
    for (int i = 0; i < 4; i++) {
      assertThat(logprobs.get("token_logprobs").get(5 + i).doubleValue())
          .isCloseTo(score.tokens().get(i).logprob(), within(1e-5));
    }
    JsonNode asText =
        ask(
            "{'prompt':'why is the sky blue because of light','max_tokens':0,'echo':true,"
                + "'logprobs':1}");
    assertAlike(asText.get("choices").get(0).get("logprobs"), logprobs);
    List<JsonNode> events =
        server.events(
            PATH,
            "{'prompt':'why is the sky blue because of light','max_tokens':0,'echo':true,"
                + "'logprobs':1,'stream':true}");
    assertThat(events).hasSize(1);
    assertAlike(events.get(0).get("choices").get(0), choice);
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

  @Test
  void steeringShowsWhereTheBaseWouldHaveSaidSomethingElse() {
    Generation expected =
        tuner.generate(
            Prompt.of("why is the sky"),
            GREEDY.withMaxNewTokens(8).withIgnoreEndOfText(true).withLogprobs(1));
    JsonNode answer =
        ask("{'prompt':'why is the sky','max_tokens':8,'ignore_eos':true,'steering':true}");
    ArrayNode steering = (ArrayNode) answer.get("choices").get(0).get("steering");
    assertThat(steering).hasSize(8);
    List<Boolean> changed = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      TokenLogprobs of = expected.tokens().get(i).logprobs();
      TokenLogprobs.OfRole alone = of.roles().get(0);
      JsonNode token = steering.get(i);
      changed.add(token.get("changed").booleanValue());
      assertThat(token.get("changed").booleanValue())
          .isEqualTo(alone.top().get(0).id() != expected.tokenIds().get(i));
      assertThat(token.get("token_id").intValue()).isEqualTo(expected.tokenIds().get(i));
      assertThat(token.get("base").get("logprob").doubleValue())
          .isCloseTo(alone.logprob(), within(1e-5));
      assertThat(token.get("base").get("likeliest_id").intValue())
          .isEqualTo(alone.top().get(0).id());
      assertThat(token.get("experts").get(0).get("role").textValue()).isEqualTo("expert");
    }
    assertThat(changed).contains(true);
    JsonNode unsteered =
        ask("{'prompt':'why is the sky','max_tokens':8,'steering':true,'alpha':0}");
    assertThat(unsteered.get("choices").get(0).get("steering"))
        .allSatisfy(token -> assertThat(token.get("changed").booleanValue()).isFalse());
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.5, 0.5", "[-1], -1", "2, 2"})
  void alphaIsThePairs(String given, double alpha) {
    try (ProxyTuner other =
        RunningServer.tuner(base, List.of(new ExpertPair(expert, antiExpert, alpha)))) {
      String expected = other.generate(Prompt.of("the sea is"), GREEDY.withMaxNewTokens(12)).text();
      assertThat(text(ask("{'prompt':'the sea is','max_tokens':12,'alpha':%s}".formatted(given))))
          .isEqualTo(expected);
    }
  }

  @Test
  void theBaseAloneIsAModelToo() {
    try (ProxyTuner alone = RunningServer.tuner(base, List.of())) {
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'prompt':'a','suffix':'b'} | suffix | is not supported",
        "{'prompt':'a','best_of':3} | best_of | is not supported",
        "{'prompt':'a','temprature':1} | temprature | unknown parameter",
        "{'prompt':'a','temperature':'hot'} | temperature | must be a number",
        "{'prompt':'a','n':0} | n | from 1 to 128",
        "{'prompt':['a','a'],'n':100} | n | 128 texts",
        "{'prompt':'a','max_tokens':0} | max_tokens | asks for nothing",
        "{'prompt':'a','logprobs':21} | logprobs | from 0 to 20",
        "{'prompt':'a','stop':['']} | stop | none empty",
        "{'prompt':'a','logit_bias':{'x':1}} | logit_bias | token ids",
        "{'prompt':'a','alpha':[1,2]} | alpha | each of the 1 expert pairs",
        "{'prompt':'a','alpha':'much'} | alpha | must be a number",
        "{'prompt':'a','stream_options':{'include_usage':true}} | stream_options | needs",
        "{'prompt':''} | prompt | not empty",
        "{'prompt':[]} | prompt | none empty",
        "{'prompt':[-1]} | prompt | token ids",
        "{'prompt':{}} | prompt | a string",
        "{} | prompt | is missing"
      })
  void whatCannotBeDoneIsSaid(String body, String param, String message) {
    JsonNode error = server.refusal(PATH, body, 400);
    assertThat(error.get("type").textValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("param").textValue()).isEqualTo(param);
    assertThat(error.get("message").textValue()).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'prompt':'a','temperature':-1} | temperature must be finite",
        "{'prompt':'a','top_p':0} | topP must be in",
        "{'prompt':[5000]} | token id 5000",
        "{'prompt':'a','logit_bias':{'5000':1}} | token id 5000",
        "{'prompt':'a', | the body is no JSON",
        "[] | must be a JSON object",
        "{'prompt':'a','prompt':'b'} | the body is no JSON"
      })
  void whatTheLibraryRefusesIsTheClientsError(String body, String message) {
    assertThat(server.refusal(PATH, body, 400).get("message").textValue()).contains(message);
  }

  @Test
  void aPromptThatIsTooLongIsRefusedBeforeAStreamBegins() {
    String prompt = String.join(" ", Collections.nCopies(300, "the"));
    JsonNode error = server.refusal(PATH, "{'prompt':'%s','stream':true}".formatted(prompt), 400);
    assertThat(error.get("code").textValue()).isEqualTo("context_length_exceeded");
  }

  @Test
  void anUnknownModelIsNotFound() {
    JsonNode error = server.refusal(PATH, "{'model':'gpt-4','prompt':'a'}", 404);
    assertThat(error.get("code").textValue()).isEqualTo("model_not_found");
    assertThat(error.get("message").textValue()).contains("base+expert, base");
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

  /** Equal but for the last bits of numbers: a pass of other rows may sum in another order. */
  private static void assertAlike(JsonNode actual, JsonNode expected) {
    Comparator<JsonNode> close =
        (a, b) -> {
          boolean numbers = a.isNumber() && b.isNumber();
          boolean alike =
              numbers ? Math.abs(a.doubleValue() - b.doubleValue()) <= 1e-5 : a.equals(b);
          return alike ? 0 : 1;
        };
    assertThat(actual.equals(close, expected)).as("%s is like %s", actual, expected).isTrue();
  }
}
