package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.TinyCheckpoint;
import io.proxytune.examples.TinyFamily;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.nio.file.Path;
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

/** {@code /v1/chat/completions} says what the tuner says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatTest {
  private static final String PATH = "/v1/chat/completions";
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().withMaxNewTokens(6).withIgnoreEndOfText(true);
  private static final String ASKED =
      "{'messages':[{'role':'user','content':'why is the"
          + " sky'}],'max_tokens':6,'ignore_eos':true%s}";

  private ServedFamily served;
  private ProxyTuner tuner;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    Path family = TinyFamily.write(folder.resolve("family"));
    writeToolTemplate(family.resolve("expert"));
    served = new ServedFamily(family, ApiKeys.none());
    tuner = served.tuner;
    server = served.server;
  }

  /** A chat template that has a place for tools, and for a variable. */
  private static void writeToolTemplate(Path folder) throws IOException {
    Path file = folder.resolve("tokenizer_config.json");
    ObjectNode config = (ObjectNode) RunningServer.JSON.readTree(file.toFile());
    config.put(
        "chat_template",
        "{{ bos_token }}{% if tools %}{% for tool in tools %} system {{ tool.function.name }}"
            + "{% endfor %}{% endif %}{% if light %} light{% endif %}"
            + "{% for m in messages %} {{ m['role'] }} {{ m['content'] }}{% endfor %}"
            + "{% if add_generation_prompt %} assistant{% endif %}");
    RunningServer.JSON.writeValue(file.toFile(), config);
  }

  @AfterAll
  void stop() {
    served.close();
  }

  private JsonNode ask(String body) {
    return server.ask(PATH, body);
  }

  private static String text(JsonNode answer) {
    return answer.get("choices").get(0).get("message").get("content").textValue();
  }

  private String expected(ChatMessage... messages) {
    return tuner.generate(Prompt.chat(messages), GREEDY).text();
  }

  @Test
  void anAnswerIsTheTuners() {
    JsonNode answer = ask(ASKED.formatted(""));
    assertThat(text(answer)).isEqualTo(expected(ChatMessage.user("why is the sky")));
    assertThat(answer.get("object").textValue()).isEqualTo("chat.completion");
    assertThat(answer.get("id").textValue()).startsWith("chatcmpl-");
    JsonNode choice = answer.get("choices").get(0);
    assertThat(choice.get("message").get("role").textValue()).isEqualTo("assistant");
    assertThat(choice.get("finish_reason").textValue()).isEqualTo("length");
    assertThat(answer.get("usage").get("completion_tokens").intValue()).isEqualTo(6);
  }

  @Test
  void turnsAndPartsAreRead() {
    JsonNode answer =
        ask(
            "{'messages':[{'role':'developer','content':'blue light'},"
                + "{'role':'user','content':[{'type':'text','text':'why'},"
                + "{'type':'text','text':'is it'}],'name':'someone'},"
                + "{'role':'assistant','content':'because'},{'role':'user','content':'of'}],"
                + "'max_completion_tokens':6,'ignore_eos':true,'user':'u','store':false}");
    assertThat(text(answer))
        .isEqualTo(
            expected(
                ChatMessage.system("blue light"),
                ChatMessage.user("why\nis it"),
                ChatMessage.assistant("because"),
                ChatMessage.user("of")));
  }

  @Test
  void streamsSayTheSame() {
    JsonNode whole = ask(ASKED.formatted(""));
    List<JsonNode> events = server.events(PATH, ASKED.formatted(",'stream':true"));
    assertThat(events)
        .allSatisfy(
            it -> {
              assertThat(it.get("object").textValue()).isEqualTo("chat.completion.chunk");
              assertThat(it.has("usage")).isFalse();
            });
    JsonNode first = events.get(0).get("choices").get(0);
    assertThat(first.get("delta").get("role").textValue()).isEqualTo("assistant");
    assertThat(
            events.stream()
                .map(it -> it.get("choices").get(0).get("delta").path("content").asText())
                .collect(Collectors.joining()))
        .isEqualTo(text(whole));
    assertThat(events.get(events.size() - 1).get("choices").get(0).get("finish_reason").textValue())
        .isEqualTo("length");
  }

  @Test
  void logprobsAreTheTuners() {
    Generation expected =
        tuner.generate(Prompt.chat(ChatMessage.user("why is the sky")), GREEDY.withLogprobs(2));
    JsonNode content =
        ask(ASKED.formatted(",'logprobs':true,'top_logprobs':2"))
            .get("choices")
            .get(0)
            .get("logprobs")
            .get("content");
    assertThat(content).hasSize(6);
    for (int i = 0; i < 6; i++) {
      TokenLogprobs of = expected.tokens().get(i).logprobs();
      assertThat(content.get(i).get("logprob").doubleValue()).isCloseTo(of.logprob(), within(1e-5));
      assertThat(content.get(i).get("top_logprobs")).hasSize(2);
      assertThat(content.get(i).get("top_logprobs").get(0).get("token"))
          .isEqualTo(content.get(i).get("token"));
      assertThat(content.get(i).get("bytes")).isNotEmpty();
    }
  }

  @Test
  void anAnswersEndIsNoTokenOfItButSteered() {
    JsonNode choice =
        ask("{'messages':[{'role':'user','content':'why'}],'logit_bias':{'2':1000},"
                + "'logprobs':true,'steering':true}")
            .get("choices")
            .get(0);
    assertThat(choice.get("logprobs").get("content")).isEmpty();
    assertThat(choice.get("steering")).hasSize(1);
    assertThat(choice.get("steering").get(0).get("ends").booleanValue()).isTrue();
    assertThat(choice.get("steering").get(0).get("token").textValue()).isEqualTo("</s>");
    List<JsonNode> events =
        server.events(
            PATH,
            "{'messages':[{'role':'user','content':'why'}],'logit_bias':{'2':1000},"
                + "'logprobs':true,'steering':true,'stream':true}");
    assertThat(events).hasSize(3);
    JsonNode piece = events.get(1).get("choices").get(0);
    assertThat(piece.get("steering")).isEqualTo(choice.get("steering"));
    assertThat(piece.get("logprobs").get("content")).isEmpty();
  }

  @Test
  void toolsAndVariablesReachTheTemplate() {
    String tools = ",'tools':[{'type':'function','function':{'name':'green','parameters':null}}]";
    Prompt plain = Prompt.chat(ChatMessage.user("why is the sky"));
    Prompt with =
        plain.withChatVariables(
            Map.of("tools", List.of(Map.of("function", Map.of("name", "green")))));
    String expected = tuner.generate(with, GREEDY).text();
    assertThat(text(ask(ASKED.formatted(tools)))).isEqualTo(expected);
    assertThat(text(ask(ASKED.formatted(tools + ",'tool_choice':'auto'")))).isEqualTo(expected);
    String without = tuner.generate(plain, GREEDY).text();
    assertThat(without).isNotEqualTo(expected);
    assertThat(text(ask(ASKED.formatted(tools + ",'tool_choice':'none'")))).isEqualTo(without);
    assertThat(text(ask(ASKED.formatted(",'chat_template_kwargs':{'light':true}"))))
        .isEqualTo(tuner.generate(plain.withChatVariables(Map.of("light", true)), GREEDY).text());
  }

  @Test
  void toolsThatNoTemplateNamesAreRefused() {
    JsonNode error =
        server.refusal(
            PATH,
            ASKED.formatted(",'model':'base','tools':[{'type':'function','function':{}}]"),
            400);
    assertThat(error.get("message").textValue()).contains("no chat template has a place for them");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ",'response_format':{'type':'json_schema','json_schema':{}} | response_format | missing",
        ",'tool_choice':'required' | tool_choice | 'tools' has none",
        ",'functions':[] | functions | use 'tools'",
        ",'modalities':['text','audio'] | modalities | answers are text",
        ",'top_logprobs':2 | top_logprobs | needs",
        ",'echo':true | echo | unknown parameter"
      })
  void whatCannotBeDoneIsSaid(String more, String param, String message) {
    JsonNode error = server.refusal(PATH, ASKED.formatted(more), 400);
    assertThat(error.get("param").textValue()).isEqualTo(param);
    assertThat(error.get("message").textValue()).contains(message);
  }

  @Test
  void textIsAFormThatIsSupported() {
    String more = ",'response_format':{'type':'text'},'modalities':['text']";
    assertThat(text(ask(ASKED.formatted(more))))
        .isEqualTo(expected(ChatMessage.user("why is the sky")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | messages | must be a list",
        "[{'role':'judge','content':'a'}] | messages[0].role | must be system",
        "[{'role':'user'}] | messages[0].content | a text or a list",
        "[{'role':'user','content':[{'type':'image_url'}]}] | messages[0].content | image_url",
        "[{'role':'assistant','tool_calls':[{}]}] | messages[0].tool_calls[0] | the function's"
            + " name",
        "[{'role':'assistant','content':'a','audio':{'id':'b'}}] | messages[0].audio | not"
            + " supported",
        "['hello'] | messages[0] | an object",
        "[{'role':'user','content':'a','colour':'b'}] | messages[0].colour | not supported"
      })
  void messagesAreChecked(String messages, String param, String message) {
    JsonNode error = server.refusal(PATH, "{'messages':" + messages + "}", 400);
    assertThat(error.get("param").textValue()).isEqualTo(param);
    assertThat(error.get("message").textValue()).contains(message);
  }

  @Test
  void aModelWithoutATemplateSaysSo(@TempDir Path folder) throws IOException {
    Path plain = TinyCheckpoint.write(folder.resolve("plain"), 1);
    Path file = plain.resolve("tokenizer_config.json");
    ObjectNode config = (ObjectNode) RunningServer.JSON.readTree(file.toFile());
    config.remove("chat_template");
    RunningServer.JSON.writeValue(file.toFile(), config);
    try (LogitModel model = TorchModels.load(plain);
        RunningServer other = RunningServer.of(model);
        RunningServer bare =
            RunningServer.of(
                RunningServer.settings(ApiKeys.none(), ServerLimits.USUAL, List.of()), model)) {
      JsonNode error = other.refusal(PATH, ASKED.formatted(""), 400);
      assertThat(error.get("message").textValue()).contains("has no chat template");
      assertThat(bare.post(PATH, ASKED.formatted("").replace('\'', '"')).statusCode())
          .isEqualTo(200);
    }
  }
}
