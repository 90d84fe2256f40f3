package io.proxytune.core.prompt;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.Tool;
import io.proxytune.ToolCall;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.message.ChatRendering;
import io.proxytune.core.sampling.ReferenceLogitMath;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.spi.TunerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolPlaceTest {
  private static final Prompt CHAT =
      Prompt.chat(ChatMessage.user("hi")).withTools(List.of(Tool.of("clock", "the time")));

  private static Tokenizer told;
  private static Tokenizer untold;

  @BeforeAll
  static void templates(@TempDir Path folder) throws IOException {
    told = tokenizer(folder, "{% for t in tools %}{{ t.function.name }}{% endfor %}!");
    untold = tokenizer(folder, "{{ messages[0].content }}");
  }

  private static Tokenizer tokenizer(Path folder, String template) throws IOException {
    Path file = Files.writeString(Files.createTempFile(folder, "a", ".jinja"), template);
    try {
      String tokenizers = "/tokenizers/byte-level";
      Path own =
          Path.of(Objects.requireNonNull(ToolPlaceTest.class.getResource(tokenizers)).toURI());
      return CheckpointTokenizer.open(own, file);
    } catch (java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static LogitSource model(Tokenizer tokenizer) {
    int width = tokenizer.vocabularySize();
    return FunctionLogitSource.of("model", width, 100, ids -> new float[width])
        .withTokenizer(tokenizer);
  }

  private static void require(Prompt prompt, Tokenizer base, Tokenizer expert) {
    TunerSpec spec =
        TunerSpec.builder()
            .base(model(base))
            .pairs(List.of(ExpertPair.of(model(expert), model(untold))))
            .build();
    ToolPlace.require(prompt, Ensemble.of(spec, new ReferenceLogitMath()));
  }

  private static void refused(Prompt prompt, Tokenizer base, Tokenizer expert) {
    assertThatThrownBy(() -> require(prompt, base, expert))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessageContaining("the prompt has tools, and no model would be told of them");
  }

  @Test
  void aTemplateThatIsReadMustHaveAPlace() {
    assertThatCode(() -> require(CHAT, untold, told)).doesNotThrowAnyException();
    assertThatCode(() -> require(CHAT.withTools(List.of()), untold, untold))
        .doesNotThrowAnyException();
    assertThatCode(() -> require(CHAT.withChatTemplateFor(Role.BASE), told, untold))
        .doesNotThrowAnyException();
    refused(CHAT, told, untold);
    refused(CHAT.withText(Role.EXPERT, "mine"), untold, told);
    refused(CHAT.withChatTemplateFor(Role.BASE), untold, told);
    refused(Prompt.of("hi").withTools(CHAT.tools()), told, told);
  }

  @Test
  void aModelWithoutATemplateIsToldNothing() {
    FakeTokenizer letters = FakeTokenizer.LETTERS;
    TunerSpec spec = TunerSpec.builder().base(model(letters)).build();
    assertThatThrownBy(() -> ToolPlace.require(CHAT, Ensemble.of(spec, new ReferenceLogitMath())))
        .isInstanceOf(ChatTemplateException.class);
  }

  @Test
  void argumentsAndParametersAreJson() {
    Prompt broken = CHAT.withTools(List.of(new Tool("clock", "", "{\"type\"")));
    assertThatThrownBy(() -> ChatRendering.of(broken, told))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessageStartingWith(
            "the parameters of the tool clock must be a JSON object, got {\"type\": line 1");
    List<ToolCall> calls = List.of(ToolCall.of("clock", "[1]"));
    Prompt called = Prompt.chat(ChatMessage.assistant("").withToolCalls(calls));
    assertThatThrownBy(() -> ChatRendering.of(called, told))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessage("the arguments of a call of the tool clock must be a JSON object, got [1]");
  }
}
