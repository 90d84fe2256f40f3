package io.proxytune.core.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.Constraint;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenStream;
import io.proxytune.Tool;
import io.proxytune.ToolCall;
import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.core.chat.ReasoningFormat;
import io.proxytune.core.chat.ToolCallFormat;
import io.proxytune.core.tokenizer.AddedTokens;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.model.FunctionLogitSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that writes in channels, whose marks are special tokens, with a template of our own. */
class HarmonyTest {
  private static final String TURN = "<|start|>assistant";
  private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("2 and 3?"));
  private static final Tool ADD =
      new Tool(
          "add",
          "adds",
          "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\":"
              + " [\"a\"]}");

  private static final String TEMPLATE =
      """
      {% if tools %}{% for t in tools %}{{ t.function.name }} {% endfor %}{% endif %}\
      {% for m in messages %}{% if m.role == 'assistant' %}{% if m.tool_calls %}\
      {% if m.thinking %}<|start|>assistant<|channel|>analysis<|message|>{{ m.thinking }}<|end|>\
      {% endif %}{% set c = m.tool_calls[0].function %}<|start|>assistant to=functions.{{ c.name }}\
      <|channel|>commentary json<|message|>{{ c.arguments | tojson }}<|call|>\
      {% else %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>{% endif %}\
      {% else %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}\
      {% if add_generation_prompt %}<|start|>assistant{% endif %}\
      """;

  @TempDir private Path folder;
  private CheckpointTokenizer tokenizer;

  @BeforeEach
  void openTokenizer() throws IOException {
    Path template = Files.writeString(folder.resolve("template.jinja"), TEMPLATE);
    tokenizer =
        AddedTokens.open(
            folder,
            template,
            "<|start|>",
            "<|channel|>",
            "<|constrain|>",
            "<|message|>",
            "<|call|>",
            "<|return|>");
  }

  private ChatAnswer answer(
      String says, List<Tool> tools, boolean requiresCall, Optional<Constraint> form) {
    ChatSettings settings = new ChatSettings(null, null, null, null, null, 120, List.of());
    ChatRequest request = new ChatRequest(QUESTION, tools, requiresCall, form, settings);
    try (ProxyTuner tuner = ProxyTuner.builder().base(model(says)).build()) {
      ChatRequest.Begun begun = request.begin(tuner, UnaryOperator.identity());
      try (TokenStream stream = begun.stream()) {
        assertThat(stream).isNotNull();
        return begun.turn().answer();
      }
    }
  }

  /** It ends where it says so, or has said all; what it may not say, it says as it can. */
  private LogitSource model(String says) {
    int width = tokenizer.vocabularySize();
    int end = tokenizer.id("<|return|>").orElseThrow();
    int call = tokenizer.id("<|call|>").orElseThrow();
    int[] written = tokenizer.encode(says, false);
    int turn = tokenizer.encode(TURN, false).length;
    return FunctionLogitSource.of(
            "channels",
            width,
            900,
            ids -> {
              int at = ids.size() - lastTurn(ids) - turn;
              float[] row = new float[width];
              for (int i = 0; i < width; i++) {
                row[i] = (float) i / width;
              }
              row[at < written.length ? written[at] : end] = 10;
              return row;
            })
        .withTokenizer(tokenizer)
        .withEndOfTextIds(Set.of(end, call));
  }

  /** Where the turn begins that is written: behind the question. */
  private int lastTurn(List<Integer> ids) {
    int start = tokenizer.id("<|start|>").orElseThrow();
    int seen = 0;
    for (int i = 0; i < ids.size(); i++) {
      seen += ids.get(i) == start ? 1 : 0;
      if (seen == 2) {
        return i;
      }
    }
    throw new AssertionError("no turn of the assistant");
  }

  @Test
  void theTemplateShowsBothFormats() {
    Prompt told = Prompt.chat(QUESTION).withTools(List.of(ADD));
    AnswerFormat format = AnswerFormat.of(told, List.of(tokenizer));

    assertThat(format.reasoning()).contains(ReasoningFormat.HARMONY);
    assertThat(format.isOpen()).isFalse();
    assertThat(format.calls()).contains(ToolCallFormat.HARMONY);
  }

  @Test
  void thoughtsAndAnswerAreToldApart() {
    String thinks = "<|channel|>analysis<|message|>Is it 4? No.<|end|>" + TURN;
    ChatAnswer answer =
        answer(
            thinks + "<|channel|>final<|message|>It is 5.<|return|>",
            List.of(),
            false,
            Optional.empty());
    assertThat(answer.reasoning()).isEqualTo("Is it 4? No.");
    assertThat(answer.text()).isEqualTo("It is 5.");
    assertThat(answer.toolCalls()).isEmpty();
  }

  @Test
  void callsAreRead() {
    ChatAnswer answer =
        answer(
            "<|channel|>analysis<|message|>Hm.<|end|>"
                + TURN
                + "<|channel|>commentary to=functions.add <|constrain|>json<|message|>{\"a\":"
                + " 2}<|call|>",
            List.of(ADD),
            false,
            Optional.empty());
    assertThat(answer.reasoning()).isEqualTo("Hm.");
    assertThat(answer.text()).isEmpty();
    assertThat(answer.toolCalls()).extracting(ToolCall::name).containsExactly("add");
    assertThat(answer.toolCalls()).extracting(ToolCall::arguments).containsExactly("{\"a\":2}");
  }

  /** The model would rather say something else. */
  @Test
  void aFormBindsTheAnswerAndNotItsThoughts() {
    ChatAnswer answer =
        answer(
            "<|channel|>analysis<|message|>4 or 5?<|end|>"
                + TURN
                + "<|channel|>final<|message|>5, I think<|return|>",
            List.of(),
            false,
            Optional.of(Constraint.choice("4", "5")));
    assertThat(answer.reasoning()).isEqualTo("4 or 5?");
    assertThat(answer.text()).isEqualTo("5");
  }

  @Test
  void aCallThatIsDemandedIsMade() {
    ChatAnswer answer =
        answer(
            "<|channel|>analysis<|message|>Hm.<|end|>"
                + TURN
                + "<|channel|>commentary to=functions.add <|constrain|>json<|message|>{\"a\": 2}"
                + " and more",
            List.of(ADD),
            true,
            Optional.empty());
    assertThat(answer.reasoning()).isEqualTo("Hm.");
    assertThat(answer.toolCalls()).extracting(ToolCall::arguments).containsExactly("{\"a\":2}");
  }
}
