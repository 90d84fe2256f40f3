package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.proxytune.ChatMessage;
import io.proxytune.ToolCall;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatJsonTest {
  @Test
  void readsWhatOpenAiWrites() {
    List<ChatMessage> messages =
        ChatJson.read(
            """
            [{"role": "developer", "content": [{"type": "text", "text": "Be"},
                                               {"type": "text", "text": "brief."}]},
             {"role": "user", "content": "Time?", "name": "ann"},
             {"role": "assistant", "content": null, "refusal": null, "annotations": [],
              "audio": null, "reasoning_content": "hm",
              "tool_calls": [{"id": "c1", "type": "function", "index": 0,
                              "function": {"name": "clock", "arguments": "{\\"zone\\": \\"UTC\\"}"}}]},
             {"role": "tool", "tool_call_id": "c1", "content": "noon"}]
            """);
    ToolCall call = ToolCall.of("clock", "{\"zone\": \"UTC\"}").withId("c1");
    assertThat(messages)
        .containsExactly(
            new ChatMessage("developer", "").withParts(List.of("Be", "brief.")),
            ChatMessage.user("Time?").withName("ann"),
            ChatMessage.assistant("").withToolCalls(List.of(call)).withReasoning("hm"),
            new ChatMessage("tool", "noon").withToolCallId("c1"));
  }

  @Test
  void readsArgumentsAsTemplatesDocumentThem() {
    String turn =
        "[{'role':'assistant','tool_calls':[{'function':{'name':'clock','arguments':{'a':1}}},"
            + "{'function':{'name':'clock'}}]}]";
    assertThat(ChatJson.read(turn.replace('\'', '"')))
        .containsExactly(
            ChatMessage.assistant("")
                .withToolCalls(
                    List.of(ToolCall.of("clock", "{\"a\":1}"), ToolCall.of("clock", "{}"))));
  }

  @Test
  void writesOpenAisForm() {
    ToolCall call = ToolCall.of("clock", "{\"a\": 1}").withId("c1");
    assertThat(
            ChatJson.write(
                List.of(
                    ChatMessage.user("").withParts(List.of("a", "b")),
                    ChatMessage.assistant("").withToolCalls(List.of(call)),
                    ChatMessage.toolResult(call, ""))))
        .isEqualTo(
            ("[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]},"
                    + "{'role':'assistant','content':null,'tool_calls':[{'id':'c1','type':"
                    + "'function','function':{'name':'clock','arguments':'{\\'a\\': 1}'}}]},"
                    + "{'role':'tool','content':'','name':'clock','tool_call_id':'c1'}]")
                .replace('\'', '"'));
  }

  @Test
  void readsWhatItWrote() {
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      List<ChatMessage> messages = List.of(message(random), message(random));
      assertThat(ChatJson.read(ChatJson.write(messages))).isEqualTo(messages);
    }
  }

  private static ChatMessage message(Random random) {
    ChatMessage message = new ChatMessage(text(random) + "x", text(random));
    message = random.nextBoolean() ? message : message.withName(text(random));
    message = random.nextBoolean() ? message : message.withReasoning(text(random));
    message = random.nextBoolean() ? message : message.withToolCallId(text(random));
    message =
        random.nextBoolean() ? message : message.withParts(List.of(text(random), text(random)));
    ToolCall call = ToolCall.of(text(random) + "x", text(random));
    return random.nextBoolean()
        ? message
        : message.withToolCalls(List.of(call, call.withId(text(random))));
  }

  private static String text(Random random) {
    return random
        .ints(random.nextInt(5), 0, 0x3000)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | turns.json must hold a JSON list",
        "{} | turns.json must hold a JSON list",
        "[{'role' | turns.json is no JSON, line 1, column",
        "['hi'] | turns.json[0] must be an object, got \"hi\"",
        "[{'content':'a'}] | turns.json[0] needs a role, such as user, in \"role\", got nothing",
        "[{'role':7,'content':'a'}] | turns.json[0].role must be a text, got 7",
        "[{'role':'user'}] | turns.json[0].content must be a text or a list of parts, got nothing",
        "[{'role':'user','content':[]}] | must be a text or a list of parts, got []",
        "[{'role':'user','content':['a']}] | must be made of parts",
        "[{'role':'user','content':[{'type':'text'}]}] | must be made of parts",
        "[{'role':'user','content':[{'type':'image_url','image_url':{}}]}] | of type 'image_url'",
        "[{'role':'user','content':'a','colour':'b'}] | turns.json[0] has \"colour\", which is not",
        "[{'role':'user','content':'a','name':7}] | turns.json[0].name must be a text, got 7",
        "[{'role':'user','content':'a','tool_calls':7}] | tool_calls must be a list of calls",
        "[{'role':'a','tool_calls':[{'type':'custom'}]}] | a call of type 'custom'",
        "[{'role':'a','tool_calls':[{'id':'b'}]}] | tool_calls[0] needs the function's name",
        "[{'role':'a','tool_calls':[{'name':'b'}]}] | tool_calls[0] has \"name\", which is not",
        "[{'role':'a','tool_calls':[{'function':{'name':'b','arguments':7}}]}] | must be a JSON"
            + " object, or one as a text, got 7"
      })
  void refusesWhatIsNoConversation(String json, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChatJson.read("turns.json", json.replace('\'', '"')))
        .withMessageContaining(message);
  }
}
