package io.proxytune.examples.chat;

import io.proxytune.ChatMessage;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuneException;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.ChatJson;
import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.core.chat.AnswerParser;
import io.proxytune.core.chat.AnswerPart;
import io.proxytune.examples.cli.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads turns and answers them until the input ends. One thread runs it; any may {@link
 * #interrupt()}.
 */
public final class ChatLoop implements AutoCloseable {
  private static final List<String> HELP =
      List.of(
          "/alpha A [A ...]   steer at other strengths, one for each pair",
          "/system [TEXT]     other instructions, or none",
          "/base              show beside each answer what the base alone would say, or stop that",
          "/thoughts          hide what the model thinks before it answers, or show it",
          "/clear             forget the conversation",
          "/save FILE         write the conversation as JSON in OpenAI's form",
          "/help              this",
          "/quit              end; so does the end of the input (Ctrl-D)",
          "A line that ends in \\ goes on in the next; \"\"\" begins and ends a text of several"
              + " lines; // begins a text with /.",
          "Ctrl-C stops an answer.");

  private final Terminal terminal;
  private final Tuners tuners;
  private final GenerationOptions options;
  private final UnaryOperator<Prompt> prompts;
  private final Input input;
  private final Conversation conversation;
  private boolean showsThoughts;
  private ProxyTuner tuner;
  private @Nullable ProxyTuner base;
  private volatile @Nullable Answer answer;

  /**
   * Begins a conversation.
   *
   * @param terminal where it is held
   * @param tuners the models
   * @param options how answers are written
   * @param system the instructions, if there are any
   * @param prompts changes each prompt before the steered model reads it
   * @param showsThoughts whether what the model thinks before it answers is shown
   */
  public ChatLoop(
      Terminal terminal,
      Tuners tuners,
      GenerationOptions options,
      Optional<String> system,
      UnaryOperator<Prompt> prompts,
      boolean showsThoughts) {
    this.terminal = terminal;
    this.tuners = tuners;
    this.options = options;
    this.prompts = prompts;
    this.showsThoughts = showsThoughts;
    this.input = new Input(terminal);
    this.conversation = new Conversation(system);
    this.tuner = tuners.steered(tuners.alphas());
  }

  /** Answers until the input ends or {@code /quit} is typed. */
  public void run() {
    if (terminal.interactive()) {
      note("/help says what can be typed");
    }
    boolean goesOn = true;
    while (goesOn) {
      Optional<String> typed = input.next();
      goesOn = typed.isPresent() && take(typed.get());
    }
  }

  /**
   * Stops the answer that is being written.
   *
   * @return whether there was one
   */
  public boolean interrupt() {
    Answer open = answer;
    if (open == null) {
      return false;
    }
    open.stop();
    return true;
  }

  /** Tells whether to go on. */
  private boolean take(String typed) {
    if (typed.isBlank()) {
      return true;
    }
    try {
      if (!typed.startsWith("/") || typed.startsWith("//")) {
        reply(typed.startsWith("/") ? typed.substring(1) : typed);
        return true;
      }
      String[] words = typed.strip().split("\\s+", 2);
      return command(words[0], words.length > 1 ? words[1] : "");
    } catch (ProxyTuneException | IllegalArgumentException | UncheckedIOException e) {
      note(String.valueOf(e.getMessage()));
      return true;
    }
  }

  private boolean command(String name, String argument) {
    switch (name) {
      case "/quit", "/exit" -> {
        return false;
      }
      case "/help" -> HELP.forEach(terminal.err()::println);
      case "/alpha" -> steer(argument);
      case "/system" -> conversation.system(argument);
      case "/base" -> toggleBase();
      case "/thoughts" -> toggleThoughts();
      case "/clear" -> conversation.clear();
      case "/save" -> save(argument);
      default -> note(name + " is unknown; /help says what can be typed");
    }
    return true;
  }

  private void steer(String argument) {
    List<Double> alphas = Arrays.stream(argument.split("[\\s,]+")).map(ChatLoop::number).toList();
    int pairs = tuners.alphas().size();
    if (alphas.size() != pairs) {
      throw new IllegalArgumentException(
          "/alpha takes a number for each of " + pairs + " pairs, got " + alphas.size());
    }
    ProxyTuner other = tuners.steered(alphas);
    tuner.close();
    tuner = other;
  }

  private static double number(String text) {
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException("/alpha takes finite numbers, got '" + text + "'");
  }

  private void toggleBase() {
    ProxyTuner open = base;
    base = open == null ? tuners.base() : null;
    if (open != null) {
      open.close();
    }
    note(open == null ? "the base answers beside" : "the base is silent");
  }

  private void toggleThoughts() {
    showsThoughts = !showsThoughts;
    note(showsThoughts ? "thoughts are shown" : "thoughts are hidden");
  }

  private void save(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("/save needs the name of a file");
    }
    try {
      Files.writeString(Path.of(name), ChatJson.write(conversation.messages()) + "\n");
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException(name + " can't be written: " + e, e);
    }
  }

  private void reply(String text) {
    conversation.add(ChatMessage.user(text));
    Prompt prompt = Prompt.chat(conversation.messages());
    ChatMessage said;
    try {
      if (base != null) {
        terminal.out().print("base: ");
        say(base, prompt.withChatTemplateFor(rolesOf(base)));
        terminal.out().print("steered: ");
      }
      said = say(tuner, prompts.apply(prompt));
    } catch (RuntimeException e) {
      terminal.out().println();
      terminal.out().flush();
      conversation.drop(); // it can be asked again, or otherwise
      throw e;
    }
    conversation.add(said); // whose thoughts the template leaves out, if it does
  }

  /** A base that has no template reads plain text. */
  private static Role[] rolesOf(ProxyTuner base) {
    return base.tokenizer().hasChatTemplate() ? new Role[] {Role.BASE} : new Role[0];
  }

  /** An answer, which can be stopped while its prompt is read, too. */
  private static final class Answer {
    private @Nullable TokenStream stream;
    private boolean stopped;

    synchronized void begin(TokenStream begun) {
      stream = begun;
      if (stopped) {
        begun.cancel();
      }
    }

    synchronized void stop() {
      stopped = true;
      if (stream != null) {
        stream.cancel();
      }
    }
  }

  private ChatMessage say(ProxyTuner speaker, Prompt prompt) {
    Answer asked = new Answer();
    answer = asked;
    try {
      return say(speaker, prompt, asked);
    } finally {
      answer = null;
    }
  }

  private ChatMessage say(ProxyTuner speaker, Prompt prompt, Answer asked) {
    AnswerFormat format = AnswerFormat.of(prompt, speaker);
    AnswerParser parser = new AnswerParser(format);
    AnswerPrinter printer = new AnswerPrinter(terminal, showsThoughts);
    List<AnswerPart> parts = new ArrayList<>();
    try (TokenStream stream = speaker.stream(prompt, format.withMarks(options))) {
      asked.begin(stream);
      int read = 0;
      for (Token token : stream) {
        write(parser.add(token.text()), parts, printer);
        read += token.text().length();
      }
      Generation generation = stream.result();
      // What was held back of a text that was cut off.
      write(parser.add(generation.text().substring(read)), parts, printer);
      write(parser.finish(), parts, printer);
      printer.endThoughts();
      terminal.out().println(end(generation));
    } finally {
      printer.endThoughts();
    }
    return message(parts);
  }

  private static void write(List<AnswerPart> next, List<AnswerPart> parts, AnswerPrinter printer) {
    parts.addAll(next);
    printer.print(next);
  }

  private static ChatMessage message(List<AnswerPart> parts) {
    String thoughts = parts.stream().map(AnswerPart::reasoning).collect(Collectors.joining());
    ChatMessage message =
        ChatMessage.assistant(
            parts.stream().map(AnswerPart::text).collect(Collectors.joining()).strip());
    return thoughts.isEmpty() ? message : message.withReasoning(thoughts);
  }

  /** What ended an answer that the model did not end itself. */
  private static String end(Generation generation) {
    FinishReason reason = generation.finishReason();
    return switch (reason) {
      case END_OF_TEXT, STOP_ID, STOP_STRING -> "";
      case CANCELLED -> " [stopped]";
      case MAX_NEW_TOKENS -> " [--max-new-tokens reached]";
      case CONTEXT_FULL -> " [the context is full: /clear forgets the conversation]";
      case DEADLINE -> " [time is up]";
      case UNCERTIFIED -> " [the base shows too little to be certain of the next token]";
    };
  }

  private void note(String line) {
    terminal.err().println("proxytune: " + line);
  }

  @Override
  public void close() {
    ProxyTuner open = base;
    if (open != null) {
      open.close();
    }
    tuner.close();
  }
}
