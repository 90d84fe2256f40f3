package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.examples.cli.Cancellation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptOptionsTest {
  private static final String[] PAIR = {"--expert", "e", "--anti-expert", "a"};

  private final FakeEngine engine = new FakeEngine();

  private Prompt alone(String... options) {
    return prompt("", options);
  }

  private Prompt steered(String... options) {
    return prompt("", Stream.of(PAIR, options).flatMap(Stream::of).toArray(String[]::new));
  }

  private Prompt prompt(String in, String... options) {
    String[] args =
        Stream.of(new String[] {"generate", "--base", "b"}, options)
            .flatMap(Stream::of)
            .toArray(String[]::new);
    CliRun run = CliRun.of(engine, new Cancellation(Thread.currentThread()), in, false, args);
    assertThat(run.status()).as(run.err()).isZero();
    return engine.tuner.prompt;
  }

  @Test
  void aPromptIsTakenAsItIs() {
    for (String text : new String[] {"it's \"quoted\" ", "@file", "-x", "--help me", "a=b", ""}) {
      assertThat(alone("--prompt=" + text).plainText()).isEqualTo(text);
    }
    assertThat(alone("--prompt", "@file").plainText()).isEqualTo("@file");
    assertThat(alone("--prompt", "- a list").plainText()).isEqualTo("- a list");
  }

  @Test
  void aFilesLastLineBreakIsDropped(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("p"), "Gr\u00fc\u00dfe\n\n");
    assertThat(alone("--prompt-file", file.toString()).plainText()).isEqualTo("Gr\u00fc\u00dfe\n");
    Files.writeString(file, "one\r\n");
    assertThat(alone("--prompt-file", file.toString()).plainText()).isEqualTo("one");
  }

  @Test
  void aDashIsStandardInput() {
    assertThat(prompt("typed\n", "--prompt-file", "-").plainText()).isEqualTo("typed");
  }

  @Test
  void chatMakesThePromptAUsersMessage() {
    Prompt prompt = steered("--chat", "--system", "be kind", "--prompt", "hello");
    assertThat(prompt.messages().orElseThrow())
        .containsExactly(ChatMessage.system("be kind"), ChatMessage.user("hello"));
    assertThat(prompt.usesChatTemplate(Role.EXPERT, true)).isTrue();
    assertThat(prompt.usesChatTemplate(Role.BASE, true)).isFalse();
    assertThat(prompt.usesChatTemplate(Role.BASE, false)).isTrue();
  }

  @Test
  void messagesAreAConversation(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("turns.json"),
            """
            [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "h\u00e9"},
             {"role": "user", "content": ""}]
            """);
    Prompt prompt = alone("--messages", file.toString(), "--system", "s");
    assertThat(prompt.messages().orElseThrow())
        .containsExactly(
            ChatMessage.system("s"),
            ChatMessage.user("hi"),
            ChatMessage.assistant("h\u00e9"),
            ChatMessage.user(""));
  }

  @Test
  void templateRolesChooseWhoReadsTheTemplate() {
    Prompt two = steered("--chat", "--prompt", "x", "--template-roles", "base,anti-expert");
    assertThat(Stream.of(Role.values()).filter(role -> two.usesChatTemplate(role, true)))
        .containsExactly(Role.BASE, Role.ANTI_EXPERT);
    Prompt none = steered("--chat", "--prompt", "x", "--template-roles", "none");
    assertThat(Stream.of(Role.values()).filter(role -> none.usesChatTemplate(role, true)))
        .isEmpty();
  }

  @Test
  void chatVariablesHaveTheTypesThatTemplatesTestFor() {
    Prompt prompt =
        alone(
            "--chat",
            "--prompt",
            "x",
            "--chat-variable",
            "enable_thinking=false",
            "--chat-variable",
            "budget=12",
            "--chat-variable",
            "date=26 Jul = 2024");
    assertThat(prompt.chatVariables())
        .isEqualTo(Map.of("enable_thinking", false, "budget", 12L, "date", "26 Jul = 2024"));
  }

  @Test
  void aResponsePrefixStandsAtTheEnd() {
    assertThat(alone("--prompt", "Q?", "--response-prefix", " A:").plainText()).isEqualTo("Q? A:");
  }

  @Test
  void rolesMayHaveTextsOfTheirOwn() {
    Prompt prompt = steered("--prompt", "all", "--expert-prompt", "mine");
    assertThat(prompt.plainText()).isEqualTo("all");
    assertThat(prompt.textFor(Role.EXPERT, 0)).contains("mine");
    assertThat(prompt.textFor(Role.ANTI_EXPERT, 0)).isEmpty();
  }

  @Test
  void noCommonPromptIsNeededWhereEachRoleHasItsOwn() {
    Prompt prompt =
        steered("--base-prompt", "1", "--expert-prompt", "2", "--anti-expert-prompt", "3");
    assertThat(prompt.textFor(Role.BASE, 0)).contains("1");
    assertThat(prompt.textFor(Role.EXPERT, 0)).contains("2");
    assertThat(prompt.textFor(Role.ANTI_EXPERT, 0)).contains("3");
  }
}
