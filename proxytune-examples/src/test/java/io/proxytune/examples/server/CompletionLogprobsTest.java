package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Score;
import io.proxytune.TokenLogprobs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /v1/completions} says of tokens is what the tuner says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompletionLogprobsTest {
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

  @Test
  void logprobsAreTheTuners() {
    Generation expected =
        tuner.generate(
            Prompt.of("why is the sky"),
            GREEDY.withMaxNewTokens(5).withIgnoreEndOfText(true).withLogprobs(3));
    JsonNode answer =
        ask("{'prompt':'why is the sky','max_tokens':5,'logprobs':3,'ignore_eos':true}");
    JsonNode choice = answer.get("choices").get(0);
    JsonNode logprobs = choice.get("logprobs");
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
    assertThat(String.join("", tokens).replace("<s>", ""))
        .isEqualTo(choice.get("text").textValue());
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
}
