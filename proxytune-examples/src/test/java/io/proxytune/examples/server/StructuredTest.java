package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.ByteCheckpoint;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers in a form, and calls of tools. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StructuredTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String ASKED =
      "{'messages':[{'role':'user','content':'hi'}],'max_tokens':200,'temperature':1,'seed':3%s}";
  private static final String SCHEMA =
      "{'type':'object','properties':{'city':{'enum':['Paris','Rome']},'days':{'type':'integer',"
          + "'minimum':1,'maximum':7}},'required':['city','days'],'additionalProperties':false}";
  private static final String TOOLS =
      ",'tools':[{'type':'function','function':{'name':'weather','parameters':"
          + SCHEMA
          + "}},{'type':'function','function':{'name':'now'}}]";

  private LogitModel model;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    model = TorchModels.load(ByteCheckpoint.write(folder.resolve("bytes"), 1));
    server = RunningServer.of(model);
  }

  @AfterAll
  void stop() {
    server.close();
    model.close();
  }

  private JsonNode choice(String more) {
    return server.ask(CHAT, ASKED.formatted(more)).get("choices").get(0);
  }

  private static void assertIsWeather(String json) {
    JsonNode value = RunningServer.json(json);
    assertThat(value.size()).isEqualTo(2);
    assertThat(value.get("city").textValue()).isIn("Paris", "Rome");
    assertThat(value.get("days").intValue()).isBetween(1, 7);
  }

  @Test
  void anAnswerMeetsTheSchemaOfTheFormat() {
    String format =
        ",'response_format':{'type':'json_schema','json_schema':{'name':'w','strict':true,'schema':"
            + SCHEMA
            + "}}";
    JsonNode choice = choice(format);

    assertThat(choice.get("finish_reason").textValue()).isEqualTo("stop");
    assertIsWeather(choice.get("message").get("content").textValue());
    assertThat(streamed(format + ",'stream':true")).isEqualTo(choice.get("message").get("content"));
  }

  private JsonNode streamed(String more) {
    return RunningServer.JSON
        .getNodeFactory()
        .textNode(
            server.events(CHAT, ASKED.formatted(more)).stream()
                .map(it -> it.get("choices").get(0).get("delta").path("content").asText())
                .collect(Collectors.joining()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "'guided_choice':['red','green'] ~ red|green",
        "'guided_regex':'[ab]{3}' ~ [ab]{3}",
        "'guided_json':{'type':'boolean'} ~ true|false",
        "'structured_outputs':{'choice':['red']} ~ red",
        "'structured_outputs':{'regex':'x?y'} ~ x?y"
      })
  void otherFormsAreAsVllmsClientsAskForThem(String more, String pattern) {
    JsonNode completion =
        server.ask("/v1/completions", "{'prompt':'hi','max_tokens':20," + more + "}");

    assertThat(completion.get("choices").get(0).get("text").textValue()).matches(pattern);
  }

  @Test
  void aJsonObjectIsBegunWhereItMayNotEnd() {
    JsonNode choice = choice(",'response_format':{'type':'json_object'},'max_completion_tokens':9");

    assertThat(choice.get("message").get("content").textValue()).startsWith("{");
    assertThat(choice.get("finish_reason").textValue()).isIn("stop", "length");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'required'", "{'type':'function','function':{'name':'weather'}}"})
  void aCallThatIsDemandedComes(String toolChoice) {
    JsonNode choice = choice(TOOLS + ",'tool_choice':" + toolChoice);

    assertThat(choice.get("finish_reason").textValue()).isEqualTo("tool_calls");
    assertThat(choice.get("message").get("content").isNull()).isTrue();
    JsonNode call = choice.get("message").get("tool_calls").get(0);
    assertThat(call.get("type").textValue()).isEqualTo("function");
    assertThat(call.get("id").textValue()).startsWith("call_");
    JsonNode function = call.get("function");
    if (function.get("name").textValue().equals("weather")) {
      assertIsWeather(function.get("arguments").textValue());
    } else {
      assertThat(toolChoice).contains("required");
      assertThat(function.get("arguments").textValue()).isEqualTo("{}");
    }
  }

  /** A random model is made to write what another would. */
  @Test
  void callsOfOnesOwnAccordAreFoundWholeAndStreamed() {
    String text =
        "Let me see.\\n<tool_call>\\n{\\'name\\': \\'now\\', \\'arguments\\': {}}\\n</tool_call>";
    String more = TOOLS + ",'guided_choice':['" + text.replace("\\'", "\\\"") + "']";
    JsonNode message = choice(more).get("message");

    assertThat(message.get("content").textValue()).isEqualTo("Let me see.");
    assertThat(message.get("tool_calls")).hasSize(1);
    assertThat(streamed(more + ",'stream':true").textValue()).isEqualTo("Let me see.");
    List<JsonNode> events = server.events(CHAT, ASKED.formatted(more + ",'stream':true"));
    List<JsonNode> calls =
        events.stream()
            .map(it -> it.get("choices").get(0).get("delta").path("tool_calls"))
            .filter(it -> !it.isMissingNode())
            .toList();
    assertThat(calls).hasSize(1);
    assertThat(calls.get(0).get(0).get("index").intValue()).isZero();
    assertThat(calls.get(0).get(0).get("function").get("name").textValue()).isEqualTo("now");
    assertThat(events.get(events.size() - 1).get("choices").get(0).get("finish_reason").textValue())
        .isEqualTo("tool_calls");
    assertThat(choice(more + ",'tool_choice':'none'").get("message").has("tool_calls")).isFalse();
  }

  @Test
  void aCallThatIsNoJsonStaysText() {
    String text = "<tool_call>\\n{\\\"name\\\": \\\"now\\\", \\\"arguments\\\": \\n</tool_call>";
    JsonNode choice = choice(TOOLS + ",'guided_choice':['" + text + "']");

    assertThat(choice.get("message").get("content").textValue())
        .isEqualTo("<tool_call>\n{\"name\": \"now\", \"arguments\": \n</tool_call>");
    assertThat(choice.get("message").has("tool_calls")).isFalse();
    assertThat(choice.get("finish_reason").textValue()).isEqualTo("stop");
  }

  /**
   * The template opens thoughts unless it is told not to; a model of random weights never closes
   * them.
   */
  @Test
  void thoughtsAreToldFromTheAnswer(@TempDir Path folder) throws IOException {
    Path template = ByteCheckpoint.write(folder, 2).resolve("chat_template.jinja");
    Files.writeString(
        template,
        Files.readString(template)
            .replace(
                "assistant: {% endif %}",
                "assistant: <think>{% if quiet %}</think>{% endif %}{% endif %}"));
    try (LogitModel thinker = TorchModels.load(folder);
        RunningServer thinking = RunningServer.of(thinker)) {
      JsonNode message =
          thinking.ask(CHAT, ASKED.formatted("")).get("choices").get(0).get("message");
      assertThat(message.get("reasoning_content").textValue()).isNotBlank();
      assertThat(message.get("content").textValue()).isEmpty();
      String streamed =
          thinking.events(CHAT, ASKED.formatted(",'stream':true")).stream()
              .map(it -> it.get("choices").get(0).get("delta").path("reasoning_content").asText())
              .collect(Collectors.joining());
      assertThat(streamed).isEqualTo(message.get("reasoning_content").textValue());
      String form = ",'guided_choice':['Yes.']";
      JsonNode open = thinking.ask(CHAT, ASKED.formatted(form)).get("choices").get(0);
      assertThat(open.get("message").get("reasoning_content").textValue()).isNotBlank();
      assertThat(open.get("message").get("content").textValue()).isEmpty();
      JsonNode closed =
          thinking
              .ask(CHAT, ASKED.formatted(form + ",'chat_template_kwargs':{'quiet':true}"))
              .get("choices")
              .get(0);
      assertThat(closed.get("message").get("content").textValue()).isEqualTo("Yes.");
      assertThat(closed.get("message").has("reasoning_content")).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ",'response_format':{'type':'grammar'} | response_format | got 'grammar'",
        ",'response_format':{'type':'json_schema'} | response_format | 'json_schema' is missing",
        ",'response_format':{'type':'json_schema','json_schema':{'name':'x'}} | response_format |"
            + " schema' is missing",
        ",'guided_regex':'(?=a)' | guided_regex | has a group that begins with (?=",
        ",'guided_json':{'not':{}} | guided_json | at #: 'not' is not supported",
        ",'response_format':{'type':'json_schema','json_schema':{'schema':{'type':'integer','minimum':3,'maximum':2}}}"
            + " | response_format | 'response_format': the JSON schema can't be followed at #",
        ",'guided_choice':[] | guided_choice | not empty",
        ",'guided_choice':['a'],'guided_regex':'b' | response_format | keep one of them",
        ",'structured_outputs':{'grammar':'x'} | grammar | unknown parameter 'grammar'",
        ",'tool_choice':'required' | tool_choice | 'tools' has none",
        ",'tool_choice':'perhaps' | tool_choice | must be none, auto, required or a function"
      })
  void whatCannotBeDoneIsSaid(String more, String param, String message) {
    JsonNode error = server.refusal(CHAT, ASKED.formatted(more), 400);

    assertThat(error.get("param").asText()).isEqualTo(param);
    assertThat(error.get("message").textValue()).contains(message);
  }

  @Test
  void aFormAndADemandedCallExcludeEachOther() {
    JsonNode error =
        server.refusal(
            CHAT, ASKED.formatted(TOOLS + ",'tool_choice':'required','guided_choice':['a']"), 400);

    assertThat(error.get("message").textValue()).contains("exclude each other");
  }
}
