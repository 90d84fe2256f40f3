package io.proxytune.examples;

import io.proxytune.ChatMessage;
import io.proxytune.Choice;
import io.proxytune.FinishReason;
import io.proxytune.GateStats;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationStats;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.RewardedText;
import io.proxytune.Role;
import io.proxytune.Score;
import io.proxytune.Search;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenStream;
import io.proxytune.TokenTrace;
import io.proxytune.TokenTrace.View;
import io.proxytune.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Answers every request with the same text, and remembers the request. */
final class FakeTuner implements ProxyTuner {
  static final String TEXT = "a h\u00e9\u20ac\ud83d\ude00!";

  private final List<String> closed;
  @Nullable Search search;
  Prompt prompt = Prompt.of("none asked");
  GenerationOptions options = GenerationOptions.defaults();
  List<String> choices = List.of();
  Tokenizer tokenizer = new Spelling();

  /** Runs where the second token would be made. */
  Runnable atSecondToken = () -> {};

  /** Runs where a text is begun. */
  Runnable atStream = () -> {};

  /** Runs where a request without a stream is made. */
  Runnable atRequest = () -> {};

  /** Answers requests that are waited for later. */
  BiFunction<Prompt, GenerationOptions, CompletableFuture<Generation>> atAsync =
      (prompt, options) -> CompletableFuture.completedFuture(generation(options, 77));

  private volatile boolean cancelled;

  FakeTuner(List<String> closed) {
    this.closed = closed;
  }

  boolean isCancelled() {
    return cancelled;
  }

  Generation generation(GenerationOptions options, long seed) {
    return new Generation(
        TEXT,
        List.of(3, 5, 2),
        cancelled ? FinishReason.CANCELLED : FinishReason.END_OF_TEXT,
        List.of(1, 9),
        seed,
        tokens(options),
        new GenerationStats(
            2,
            3,
            Duration.ofMillis(250),
            Duration.ofMillis(300),
            Duration.ofMillis(1500),
            options.speculation().mode() == Speculation.Mode.FIXED ? 2 : 0,
            options.speculation().draftLength(),
            options.speculation().draftLength() / 2,
            GateStats.NONE));
  }

  /** The last token's text leaves out the exclamation mark, as if it had been held back. */
  private static List<Token> tokens(GenerationOptions options) {
    String[] texts = {"a ", "h\u00e9\u20ac\ud83d\ude00", ""};
    int[] ids = {3, 5, 2};
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      tokens.add(
          new Token(
              ids[i],
              texts[i],
              i,
              options.logprobs() ? logprobs(ids[i]) : null,
              options.trace() ? trace(i) : null));
    }
    return tokens;
  }

  /** The second token is steered, and the third impossible to the base. */
  private static TokenTrace trace(int index) {
    View fused = new View(2.5, -0.25, 0, 5, 0.75);
    double impossible = Double.NEGATIVE_INFINITY;
    View base =
        index == 2
            ? new View(impossible, impossible, 9, 5, 0.5)
            : new View(-1, -1.5, 1, index == 1 ? 4 : 5, 0.5);
    return new TokenTrace(
        fused,
        List.of(
            new TokenTrace.OfRole(Role.BASE, 0, base),
            new TokenTrace.OfRole(Role.EXPERT, 0, fused),
            new TokenTrace.OfRole(Role.ANTI_EXPERT, 0, fused)),
        List.of(0.5),
        0.125,
        index == 2 ? Double.POSITIVE_INFINITY : 1e-9,
        index == 1);
  }

  private static TokenLogprobs logprobs(int id) {
    List<TokenLogprobs.Alternative> top = List.of(new TokenLogprobs.Alternative(4, -0.25));
    return new TokenLogprobs(
        -0.5 * id,
        top,
        List.of(
            new TokenLogprobs.OfRole(Role.BASE, 0, -1.5, top),
            new TokenLogprobs.OfRole(Role.ANTI_EXPERT, 0, Double.NEGATIVE_INFINITY, List.of())));
  }

  @Override
  public TokenStream stream(Prompt prompt, GenerationOptions options) {
    remember(prompt, options);
    atStream.run();
    return new TokenStream() {
      private final Iterator<Token> tokens =
          tokens(options).stream().peek(this::beforeToken).iterator();

      private void beforeToken(Token token) {
        if (token.index() == 1) {
          atSecondToken.run();
        }
      }

      @Override
      public Iterator<Token> iterator() {
        return tokens;
      }

      @Override
      public void cancel() {
        cancelled = true;
      }

      @Override
      public Generation result() {
        return generation(options, options.seed().orElse(77));
      }

      @Override
      public void close() {
        closed.add("stream");
      }
    };
  }

  private void remember(Prompt prompt, GenerationOptions options) {
    this.prompt = prompt;
    this.options = options;
  }

  @Override
  public List<Generation> generateMany(Prompt prompt, int count, GenerationOptions options) {
    remember(prompt, options);
    atRequest.run();
    return IntStream.range(0, count).mapToObj(i -> generation(options, 100 + i)).toList();
  }

  @Override
  public List<RewardedText> search(Prompt prompt, Search search, GenerationOptions options) {
    this.search = search;
    List<Generation> texts = generateMany(prompt, (int) search.texts(), options);
    return IntStream.range(0, texts.size())
        .mapToObj(i -> new RewardedText(texts.get(i), 2.5 - i))
        .toList();
  }

  @Override
  public List<Generation> generateAll(List<Prompt> prompts, GenerationOptions options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Generation> generateAsync(Prompt prompt, GenerationOptions options) {
    return atAsync.apply(prompt, options);
  }

  @Override
  public Score score(Prompt prompt, String continuation) {
    remember(prompt, options);
    atRequest.run();
    return new Score(
        List.of(new Score.TokenScore(3, "\u2581a", -1), new Score.TokenScore(5, "b", -2.5)), -3.5);
  }

  @Override
  public Choice choose(Prompt prompt, List<String> options) {
    remember(prompt, this.options);
    choices = options;
    List<Score> scores = new ArrayList<>();
    for (int i = 0; i < options.size(); i++) {
      Score.TokenScore token = new Score.TokenScore(3, "a", i == 1 ? -1 : -2);
      scores.add(new Score(List.of(token, token), 2 * token.logprob()));
    }
    return new Choice(1, options.get(1), scores);
  }

  @Override
  public List<TokenLogprobs> logprobs(Prompt prompt, int[] ids, int top) {
    throw new UnsupportedOperationException();
  }

  @Override
  public GenerationOptions defaults() {
    return GenerationOptions.defaults();
  }

  @Override
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  @Override
  public void close() {
    closed.add("tuner");
  }

  /** Spells id 7 as {@code t7}. */
  static class Spelling implements Tokenizer {
    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
      return IntStream.of(ids).mapToObj(id -> "t" + id).collect(Collectors.joining(" "));
    }

    @Override
    public int vocabularySize() {
      return 10;
    }

    @Override
    public Optional<String> token(int id) {
      return Optional.of("t" + id);
    }

    @Override
    public Optional<Integer> id(String token) {
      return Optional.empty();
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public boolean hasChatTemplate() {
      return false;
    }

    @Override
    public String renderChat(
        List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
      throw new UnsupportedOperationException();
    }
  }
}
