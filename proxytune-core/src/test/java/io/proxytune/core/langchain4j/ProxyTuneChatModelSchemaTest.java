package io.proxytune.core.langchain4j;

import static io.proxytune.core.langchain4j.ScriptedChats.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import io.proxytune.core.files.JsonText;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers of a schema. */
class ProxyTuneChatModelSchemaTest {
  private final ScriptedChats chats = new ScriptedChats();

  @AfterEach
  void close() {
    chats.close();
  }

  /** Asks for an answer of a schema. */
  private static ChatRequest asking(JsonSchemaElement schema) {
    JsonSchema named = JsonSchema.builder().name("answer").rootElement(schema).build();
    ResponseFormat format =
        ResponseFormat.builder().type(ResponseFormatType.JSON).jsonSchema(named).build();
    return request(
        ChatRequestParameters.builder().responseFormat(format).build(), UserMessage.from("hi"));
  }

  @Test
  void aSchemaThatNothingMeetsIsRefused() {
    ChatRequest impossible =
        asking(JsonRawSchema.from("{\"type\": \"integer\", \"minimum\": 3, \"maximum\": 2}"));
    assertThatThrownBy(() -> chats.model(prompt -> "hello").chat(impossible))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no JSON meets it");
  }

  /** Whatever the model would write: here it writes no JSON. */
  @Test
  void aSchemaBindsTheAnswer() throws Exception {
    ChatModel model = chats.model(prompt -> "hello");
    JsonObjectSchema schema =
        JsonObjectSchema.builder()
            .addEnumProperty("kind", List.of("yes", "no"))
            .required("kind")
            .build();
    String text = model.chat(asking(schema)).aiMessage().text();
    assertThat(JsonText.parse(text).path("kind").asText()).isIn("yes", "no");
    assertThat(model.supportedCapabilities())
        .containsExactly(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }

  /** What the model would write, what it thinks, and what is left of its answer. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<think>\\nYes or no?\\n</think>\\n\\n{\"kind\": \"no\"} | Yes or no? | no",
        "<think>{\"kind\": 1}</think>{\"kind\": \"yes\"} | {\"kind\": 1} | yes",
        "{\"kind\": \"no\"} | | no",
        "<think>Hm.</think>No, and then no. | Hm. | yes"
      })
  void aSchemaBindsWhatFollowsThoughts(String written, String thought, String kind)
      throws Exception {
    JsonRawSchema schema =
        JsonRawSchema.from(
            "{\"properties\": {\"kind\": {\"enum\": [\"no\", \"yes\"]}},"
                + " \"required\": [\"kind\"]}");
    AiMessage answer =
        chats.model(prompt -> written.replace("\\n", "\n")).chat(asking(schema)).aiMessage();
    assertThat(answer.thinking()).isEqualTo(thought);
    assertThat(JsonText.parse(answer.text()).path("kind").asText()).isEqualTo(kind);
  }
}
