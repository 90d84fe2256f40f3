package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.ContextLengthException;
import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.core.ChatJson;
import io.proxytune.examples.chat.ChatLoop;
import io.proxytune.examples.chat.Tuners;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatCommandTest {
  private static final ChatMessage ANSWER = ChatMessage.assistant(FakeTuner.TEXT);

  private final FakeEngine engine = new FakeEngine();

  private CliRun chat(String typed, String... options) {
    return chat(false, typed, options);
  }

  private CliRun chat(boolean interactive, String typed, String... options) {
    List<String> arguments = new ArrayList<>(List.of("chat", "--base", "b", "--quiet"));
    arguments.addAll(List.of(options));
    return CliRun.of(
        engine,
        new Cancellation(Thread.currentThread()),
        typed,
        interactive,
        arguments.toArray(new String[0]));
  }

  private List<ChatMessage> asked() {
    return engine.tuner.prompt.messages().orElseThrow();
  }

  @Test
  void eachTurnIsAnsweredAfterThoseBefore() {
    CliRun run = chat("hi\n\nand now?\n", "--system", "be kind");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo((FakeTuner.TEXT + "\n").repeat(2));
    assertThat(run.err()).isEmpty();
    assertThat(asked())
        .containsExactly(
            ChatMessage.system("be kind"),
            ChatMessage.user("hi"),
            ANSWER,
            ChatMessage.user("and now?"));
    assertThat(engine.closed).contains("stream", "tuner");
  }

  @Test
  void aTerminalIsPrompted() {
    CliRun run = chat(true, "hi\n/quit\nnever\n");
    assertThat(run.out()).isEqualTo("> " + FakeTuner.TEXT + "\n> ");
    assertThat(run.err()).isEqualTo("proxytune: /help says what can be typed\n");
  }

  @Test
  void textsMayHaveSeveralLines() {
    chat("one\\\ntwo\\\nthree\n/clear\n\"\"\"\nfour\n\n/five\n\"\"\"\n//six\n");
    assertThat(asked())
        .containsExactly(ChatMessage.user("four\n\n/five"), ANSWER, ChatMessage.user("/six"));
    chat("one\\\ntwo");
    assertThat(asked()).containsExactly(ChatMessage.user("one\ntwo"));
    chat("\"\"\"\none");
    assertThat(asked()).containsExactly(ChatMessage.user("one"));
  }

  @Test
  void strengthsChangeInTheMidst() {
    String[] pair = {"--expert", "e", "--anti-expert", "a", "--alpha", "0.5"};
    chat("hi\n", pair);
    assertThat(engine.pairs).extracting(ExpertPair::alpha).containsExactly(0.5);
    CliRun run = chat("/alpha -1.5\nhi\n", pair);
    assertThat(engine.pairs).extracting(ExpertPair::alpha).containsExactly(-1.5);
    assertThat(run.err()).isEmpty();
    assertThat(chat("/alpha 1 2\n", pair).err())
        .isEqualTo("proxytune: /alpha takes a number for each of 1 pairs, got 2\n");
    assertThat(chat("/alpha hot\n", pair).err())
        .isEqualTo("proxytune: /alpha takes finite numbers, got 'hot'\n");
  }

  @Test
  void theBaseAnswersBeside() {
    CliRun run = chat("/base\nhi\n/base\nhi\n", "--template-roles", "base");
    assertThat(run.out())
        .isEqualTo(
            "base: "
                + FakeTuner.TEXT
                + "\nsteered: "
                + FakeTuner.TEXT
                + "\n"
                + FakeTuner.TEXT
                + "\n");
    assertThat(engine.tuner.prompt.usesChatTemplate(Role.BASE, false)).isTrue();
  }

  @Test
  void instructionsChangeAndGo() {
    chat("/system be kind\nhi\n");
    assertThat(asked()).startsWith(ChatMessage.system("be kind"));
    chat("/system\nhi\n", "--system", "be kind");
    assertThat(asked()).containsExactly(ChatMessage.user("hi"));
  }

  @Test
  void aConversationIsSaved(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("chat.json");
    chat("hi\n/save " + file + "\n", "--system", "be kind");
    assertThat(ChatJson.read(Files.readString(file)))
        .containsExactly(ChatMessage.system("be kind"), ChatMessage.user("hi"), ANSWER);
    assertThat(chat("/save " + folder + "\n").err()).contains("can't be written");
    assertThat(chat("/save\n").err()).contains("needs the name of a file");
  }

  @Test
  void whatIsWrongIsSaidAndTheConversationGoesOn() {
    engine.tuner.atSecondToken =
        () -> {
          engine.tuner.atSecondToken = () -> {};
          throw new ContextLengthException("too long");
        };
    CliRun run = chat("hi\n/nope\nho\n");
    assertThat(run.status()).isZero();
    assertThat(run.err())
        .isEqualTo(
            "proxytune: too long\nproxytune: /nope is unknown; /help says what can be typed\n");
    assertThat(asked()).containsExactly(ChatMessage.user("ho"));
    assertThat(chat("/help\n").err()).contains("/alpha", "/system", "/base", "/save", "Ctrl-C");
  }

  @Test
  void wrongOptionsAreRefusedBeforeLoading() {
    assertThat(chat("", "--template-roles", "judge").status()).isEqualTo(2);
    assertThat(chat("", "--top-p", "7").status()).isEqualTo(2);
    assertThat(engine.loads).isEmpty();
  }

  /** What Ctrl-C does: the answer ends, and the conversation goes on. */
  @Test
  void anAnswerCanBeStopped() {
    assertStopped(stop -> engine.tuner.atSecondToken = stop);
  }

  @Test
  void anAnswerIsStoppedWhileItsPromptIsRead() {
    assertStopped(stop -> engine.tuner.atStream = stop);
  }

  private void assertStopped(Consumer<Runnable> hook) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(out, false, UTF_8);
    Terminal terminal =
        new Terminal(new ByteArrayInputStream("hi\nho\n".getBytes(UTF_8)), printed, printed, false);
    Tuners tuners =
        new Tuners() {
          @Override
          public List<Double> alphas() {
            return List.of();
          }

          @Override
          public ProxyTuner steered(List<Double> alphas) {
            return engine.tuner;
          }

          @Override
          public ProxyTuner base() {
            return engine.tuner;
          }
        };
    try (ChatLoop loop =
        new ChatLoop(
            terminal,
            tuners,
            GenerationOptions.defaults(),
            Optional.empty(),
            UnaryOperator.<Prompt>identity(),
            true)) {
      assertThat(loop.interrupt()).as("nothing to stop").isFalse();
      List<Boolean> stopped = new ArrayList<>();
      hook.accept(() -> stopped.add(loop.interrupt()));
      loop.run();
      assertThat(stopped).containsExactly(true, true);
      assertThat(loop.interrupt()).isFalse();
    }
    assertThat(out.toString(UTF_8)).contains(FakeTuner.TEXT + " [stopped]\n");
    assertThat(asked()).containsExactly(ChatMessage.user("hi"), ANSWER, ChatMessage.user("ho"));
  }
}
