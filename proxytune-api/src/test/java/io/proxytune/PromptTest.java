package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PromptTest {
  private static final Prompt CHAT =
      Prompt.chat(
          ChatMessage.system("be kind"),
          ChatMessage.user("hello"),
          ChatMessage.assistant("hi"),
          ChatMessage.user("bye"));

  @Test
  void textIsTheSameForEveryRole() {
    Prompt prompt = Prompt.of("hello");

    assertThat(prompt.plainText()).isEqualTo("hello");
    assertThat(prompt.textFor(Role.EXPERT, 0)).isEmpty();
    assertThat(prompt.ids()).isEmpty();
    assertThat(prompt.messages()).isEmpty();
    assertThat(prompt.usesChatTemplate(Role.EXPERT, true)).isFalse();
  }

  @Test
  void idsAreCopied() {
    int[] ids = {1, 2};
    Prompt prompt = Prompt.ofIds(ids);
    ids[0] = 9;

    assertThat(prompt.ids()).contains(List.of(1, 2));
    assertThat(prompt.plainText()).isEmpty();
  }

  @Test
  void equalWhereAllIsSaidAlike() {
    List<Supplier<Prompt>> prompts =
        List.of(
            () -> Prompt.of("a"),
            () -> Prompt.of("b"),
            () -> Prompt.ofIds(1, 2),
            () -> Prompt.chat(ChatMessage.user("a")),
            () -> Prompt.of("a").withText(Role.EXPERT, "b"),
            () -> Prompt.of("a").withText(Role.EXPERT, 0, "b"),
            () -> Prompt.of("a").withResponsePrefix("b"),
            () -> Prompt.of("a").withChatVariables(Map.of("b", 1)),
            () -> Prompt.of("a").withChatTemplateFor(),
            () -> Prompt.of("a").withChatTemplateFor(Role.BASE, Role.EXPERT));
    for (Supplier<Prompt> prompt : prompts) {
      assertThat(prompt.get()).isEqualTo(prompt.get()).hasSameHashCodeAs(prompt.get());
      assertThat(prompt.get()).hasToString(prompt.get().toString());
    }
    assertThat(prompts.stream().map(Supplier::get)).doesNotHaveDuplicates();
    assertThat(prompts.stream().map(prompt -> prompt.get().toString())).doesNotHaveDuplicates();
    assertThat(CHAT.withText(Role.EXPERT, 1, "x").withResponsePrefix("So").toString())
        .startsWith("Prompt[messages=[system: be kind, user: hello, assistant: hi, ")
        .endsWith("EXPERT 1=x, responsePrefix=So]");
  }

  /** Whatever is added to a prompt is compared and shown. */
  @Test
  void everyChangeIsComparedAndShown() {
    Map<String, UnaryOperator<Prompt>> changes =
        Map.of(
            "withText", prompt -> prompt.withText(Role.BASE, "b"),
            "withChatTemplateFor", prompt -> prompt.withChatTemplateFor(Role.ANTI_EXPERT),
            "withChatVariables", prompt -> prompt.withChatVariables(Map.of("b", 1)),
            "withTools", prompt -> prompt.withTools(List.of(Tool.of("b", "c"))),
            "withResponsePrefix", prompt -> prompt.withResponsePrefix("b"));
    assertThat(changes.keySet()).isEqualTo(GenerationOptionsTest.withMethods(Prompt.class));
    changes.forEach(
        (name, change) -> {
          Prompt changed = change.apply(CHAT);
          assertThat(changed).as(name).isNotEqualTo(CHAT).isEqualTo(change.apply(CHAT));
          assertThat(changed.toString()).as(name).isNotEqualTo(CHAT.toString());
        });
  }

  @Test
  void textIsOneShortLineHoweverLongThePromptIs() {
    String book = "Call me Ishmael.\n".repeat(10_000);
    Prompt prompt =
        Prompt.chat(ChatMessage.system(book), ChatMessage.user("Who?\u001b[2J"))
            .withText(Role.BASE, book)
            .withResponsePrefix(book)
            .withChatVariables(Map.of("documents", List.of(book)));
    assertThat(prompt.toString())
        .hasSizeLessThan(2_000)
        .startsWith("Prompt[messages=[system: Call me Ishmael.\\nCall me")
        .contains(" … ", " (170000 characters), user: Who?\\u001b[2J]", ", responsePrefix=Call")
        .doesNotContain("\n");
    assertThat(Prompt.of(book)).isNotEqualTo(Prompt.of(book + "!"));
    assertThat(Prompt.ofIds(new int[10_000]).toString()).hasSizeLessThan(300).endsWith("]");
  }

  @Test
  void plainTextIsWhatIsSaid() {
    ToolCall call = ToolCall.of("clock", "{}");
    Prompt prompt =
        Prompt.chat(
            ChatMessage.system("be kind"),
            ChatMessage.user("").withParts(List.of("what time", "is it")),
            ChatMessage.assistant("").withToolCalls(List.of(call)).withReasoning("I can't know"),
            ChatMessage.toolResult(call, "noon"));
    assertThat(prompt.plainText()).isEqualTo("what time\nis it\nnoon");
  }

  @Test
  void emptyPromptsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(Prompt::ofIds)
        .withMessageContaining("at least one token id");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Prompt.chat(List.of()))
        .withMessageContaining("at least one message");
  }

  @Test
  void conversationsPlainTextLeavesOutTheSystemsInstructions() {
    assertThat(CHAT.plainText()).isEqualTo("hello\nhi\nbye");
    assertThat(CHAT.messages().orElseThrow()).hasSize(4);
  }

  @Test
  void onlyExpertsReadTheTemplateAndASingleModelDoes() {
    assertThat(CHAT.usesChatTemplate(Role.EXPERT, true)).isTrue();
    assertThat(CHAT.usesChatTemplate(Role.BASE, true)).isFalse();
    assertThat(CHAT.usesChatTemplate(Role.ANTI_EXPERT, true)).isFalse();
    assertThat(CHAT.usesChatTemplate(Role.BASE, false)).isTrue();
  }

  @Test
  void rolesThatReadTheTemplateCanBeChosen() {
    Prompt both = CHAT.withChatTemplateFor(Role.BASE, Role.EXPERT, Role.BASE);

    assertThat(both.usesChatTemplate(Role.BASE, true)).isTrue();
    assertThat(both.usesChatTemplate(Role.EXPERT, true)).isTrue();
    assertThat(both.usesChatTemplate(Role.ANTI_EXPERT, true)).isFalse();
    assertThat(CHAT.withChatTemplateFor().usesChatTemplate(Role.BASE, false)).isFalse();
  }

  @Test
  void textOfOnePairWinsOverTextOfItsRole() {
    Prompt prompt =
        Prompt.of("all")
            .withText(Role.EXPERT, 1, "second expert")
            .withText(Role.EXPERT, "experts")
            .withText(Role.EXPERT, "every expert");

    assertThat(prompt.textFor(Role.EXPERT, 0)).contains("every expert");
    assertThat(prompt.textFor(Role.EXPERT, 1)).contains("second expert");
    assertThat(prompt.textFor(Role.ANTI_EXPERT, 1)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> prompt.withText(Role.EXPERT, -1, "x"))
        .withMessageContaining("must be >= 0, got -1");
  }

  @Test
  void responsePrefixEndsThePlainText() {
    assertThat(Prompt.of("2 + 2").withResponsePrefix(" = ").plainText()).isEqualTo("2 + 2 = ");
    assertThat(CHAT.withResponsePrefix("!").responsePrefix()).isEqualTo("!");
    assertThat(Prompt.ofIds(3).withResponsePrefix("!").plainText()).isEmpty();
  }

  @Test
  void changesLeaveTheOriginalAlone() {
    Map<String, Object> variables = new HashMap<>(Map.of("enable_thinking", false));
    Prompt prompt = Prompt.of("a");
    Prompt changed = prompt.withChatVariables(variables).withText(Role.BASE, "b");
    variables.clear();

    assertThat(changed.chatVariables()).containsExactly(Map.entry("enable_thinking", false));
    assertThat(changed.textFor(Role.BASE, 0)).contains("b");
    assertThat(prompt.chatVariables()).isEmpty();
    assertThat(prompt.textFor(Role.BASE, 0)).isEmpty();
  }

  @Test
  void messagesNeedARole() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatMessage("", "x"))
        .withMessageContaining("needs a role");
  }
}
