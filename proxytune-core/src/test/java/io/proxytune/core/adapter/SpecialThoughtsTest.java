package io.proxytune.core.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.Constraint;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenStream;
import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.core.chat.ReasoningFormat;
import io.proxytune.core.text.TextAssembler;
import io.proxytune.core.tokenizer.AddedTokens;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Thoughts between special tokens, which leave no text by themselves. */
class SpecialThoughtsTest {
  private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("Why?"));
  private static final String BEGIN = "[THINK]";
  private static final String END = "[/THINK]";

  @TempDir private Path folder;

  private CheckpointTokenizer tokenizer(String begin, String end, boolean opens)
      throws IOException {
    Path template = folder.resolve("template.jinja");
    String thoughts = begin + "{{ m.reasoning_content }}" + end;
    Files.writeString(
        template,
        "{% for m in messages %}{% if m.reasoning_content %}"
            + thoughts
            + "{% endif %}{{ m.content }}<|end|>{% endfor %}"
            + "{% if add_generation_prompt %}<|assistant|>"
            + (opens ? begin : "")
            + "{% endif %}");
    return AddedTokens.open(folder, template, begin, end);
  }

  private static ProxyTuner tuner(CheckpointTokenizer tokenizer, String answer) {
    return ProxyTuner.builder().base(ScriptedModel.of(tokenizer, 900, read -> answer)).build();
  }

  private static ChatAnswer answer(ProxyTuner tuner, Optional<Constraint> form, String... stops) {
    ChatSettings settings = new ChatSettings(null, null, null, null, null, 60, List.of(stops));
    ChatRequest request = new ChatRequest(QUESTION, List.of(), false, form, settings);
    ChatRequest.Begun begun = request.begin(tuner, UnaryOperator.identity());
    try (TokenStream stream = begun.stream()) {
      assertThat(stream).isNotNull();
      return begun.turn().answer();
    }
  }

  /** The marks of formats that are known, whether the prompt opens thoughts. */
  @ParameterizedTest
  @CsvSource({
    "THINK, <think>, </think>, false",
    "MISTRAL, [THINK], [/THINK], false",
    "MISTRAL, [THINK], [/THINK], true",
    "SEED, <seed:think>, </seed:think>, false",
    "COHERE, <|START_THINKING|>, <|END_THINKING|>, true"
  })
  void thoughtsAreFoundAndBindNothing(
      ReasoningFormat known, String begin, String end, boolean opens) throws IOException {
    CheckpointTokenizer tokenizer = tokenizer(begin, end, opens);
    AnswerFormat format = AnswerFormat.of(Prompt.chat(QUESTION), List.of(tokenizer));
    assertThat(format.reasoning()).contains(known);
    assertThat(format.isOpen()).isEqualTo(opens);

    try (ProxyTuner tuner = tuner(tokenizer, begin + "Is it\n1 or 2?" + end + "\n\n2, I think")) {
      ChatAnswer free = answer(tuner, Optional.empty());
      assertThat(free.reasoning()).isEqualTo("Is it\n1 or 2?");
      assertThat(free.text()).isEqualTo("2, I think");
      ChatAnswer bound = answer(tuner, Optional.of(Constraint.choice("1", "2")));
      assertThat(bound.reasoning()).isEqualTo("Is it\n1 or 2?");
      assertThat(bound.text()).isEqualTo("2");
    }
  }

  /** What may yet become a stop string stands before the mark, as the model wrote it. */
  @Test
  void whatIsHeldBackForStopsStaysInItsPlace() throws IOException {
    try (ProxyTuner tuner = tuner(tokenizer(BEGIN, END, false), BEGIN + "the E" + END + "no END")) {
      ChatAnswer answer = answer(tuner, Optional.empty(), "END");

      assertThat(answer.reasoning()).isEqualTo("the E");
      assertThat(answer.text()).isEqualTo("no ");
    }
  }

  /** Of a plain request: only what it names, and never what ends the text. */
  @ParameterizedTest
  @ValueSource(strings = {"Hm.", "Hm \u00e9\u20ac\ud83d\ude00"})
  void specialTokensAreWrittenWhereTheyAreNamed(String thought) throws IOException {
    GenerationOptions plain = GenerationOptions.defaults();
    Prompt prompt = Prompt.chat(QUESTION);
    try (ProxyTuner tuner =
        tuner(tokenizer(BEGIN, END, false), BEGIN + thought + END + "So.<|end|>")) {
      assertThat(tuner.generate(prompt, plain).text()).isEqualTo(thought + "So.");
      GenerationOptions one = plain.withWrittenSpecialTokens(Set.of(END, "<|end|>", "none"));
      assertThat(tuner.generate(prompt, one).text()).isEqualTo(thought + END + "So.");
      assertThat(tuner.generate(prompt, one.withStopStrings(END)).text()).isEqualTo(thought);
    }
  }

  /** Half a character before a mark is no character, as it is at the end of a text. */
  @Test
  void aMarkInsideACharacterEndsIt() throws IOException {
    CheckpointTokenizer tokenizer = tokenizer(BEGIN, END, false);
    int[] euro = tokenizer.encode("\u20ac", false);
    assertThat(euro.length).isGreaterThan(1);
    TextAssembler text =
        new TextAssembler(Optional.of(tokenizer), new int[0], List.of(), Set.of(END));
    text.append(euro[0]);
    text.append(tokenizer.id(END).orElseThrow());
    text.append(tokenizer.encode("a", false)[0]);
    text.finish();

    assertThat(text.text()).isEqualTo("\ufffd" + END + "a");
  }
}
