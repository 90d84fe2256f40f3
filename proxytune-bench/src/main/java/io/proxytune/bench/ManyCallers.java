package io.proxytune.bench;

import com.google.common.util.concurrent.Uninterruptibles;
import io.proxytune.Choice;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * Requests of many threads that are cancelled, run out of time, fail, or are left at random. What a
 * text has must be what the same request gives alone, up to where it was ended.
 */
final class ManyCallers {
  private static final int THREADS = 64;
  private static final int REQUESTS_EACH = 4;
  private static final int TOKENS = 24;
  private static final List<String> ANSWERS = List.of(" The flute.", " A lizard.");

  private final ProxyTuner tuner;
  private final List<Prompt> prompts;
  private final List<GenerationOptions> options;
  private final List<List<Integer>> alone = new ArrayList<>();
  private final List<Integer> chosen = new ArrayList<>();
  private final List<Throwable> wrong = new ArrayList<>(); // guarded by itself

  /** Fails on purpose. */
  private static final class Sabotage extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private ManyCallers(ProxyTuner tuner, List<String> questions) {
    this.tuner = tuner;
    this.prompts = questions.stream().limit(6).map(Prompt::of).toList();
    GenerationOptions plain =
        GenerationOptions.defaults().withMaxNewTokens(TOKENS).withIgnoreEndOfText(true).withSeed(7);
    this.options =
        List.of(
            plain,
            plain.withSampler(Sampler.topP(0.9).withTemperature(0.8)),
            plain.withLogprobs(2),
            plain.withSampler((Sampler.Custom) ManyCallers::greedy));
    for (Prompt prompt : prompts) {
      options.forEach(each -> alone.add(tuner.generate(prompt, each).tokenIds()));
      chosen.add(tuner.choose(prompt, ANSWERS).index());
    }
  }

  private static int greedy(float[] logits, Object context) {
    int best = 0;
    for (int id = 0; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }

  /**
   * Asks for texts.
   *
   * @param count how many, rounded up
   * @throws IllegalStateException if one is not what it is alone
   */
  static EndurancePart run(ProxyTuner tuner, List<String> questions, long count) {
    ManyCallers callers = new ManyCallers(tuner, questions);
    return EndurancePart.run("requests of 64 threads", count, callers::round);
  }

  private long round(long done) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(done + i);
      threads.add(new Thread(() -> requests(random)));
    }
    threads.forEach(Thread::start);
    threads.forEach(Uninterruptibles::joinUninterruptibly);
    synchronized (wrong) {
      if (!wrong.isEmpty()) {
        throw new IllegalStateException(wrong.size() + " requests went wrong", wrong.get(0));
      }
    }
    return (long) THREADS * REQUESTS_EACH;
  }

  private void requests(Random random) {
    try {
      for (int i = 0; i < REQUESTS_EACH; i++) {
        request(random);
      }
    } catch (RuntimeException | Error e) {
      synchronized (wrong) {
        wrong.add(e);
      }
    }
  }

  private void request(Random random) {
    int prompt = random.nextInt(prompts.size());
    int option = random.nextInt(options.size());
    Prompt text = prompts.get(prompt);
    GenerationOptions own = options.get(option);
    List<Integer> expected = alone.get(prompt * options.size() + option);
    switch (random.nextInt(6)) {
      case 0 -> check(read(text, own, random.nextInt(TOKENS)), expected, FinishReason.CANCELLED);
      case 1 -> cancel(text, own, random.nextInt(20), expected);
      case 2 -> {
        Duration limit = Duration.ofMillis(1 + random.nextInt(50));
        check(tuner.generate(text, own.withTimeLimit(limit)), expected, FinishReason.DEADLINE);
      }
      case 3 -> fail(text, own, random.nextInt(TOKENS));
      case 4 -> {
        Choice choice = tuner.choose(text, ANSWERS);
        require(choice.index() == chosen.get(prompt), choice, chosen.get(prompt));
      }
      default -> check(tuner.generate(text, own), expected, FinishReason.MAX_NEW_TOKENS);
    }
  }

  private Generation read(Prompt prompt, GenerationOptions own, int tokens) {
    try (TokenStream stream = tuner.stream(prompt, own)) {
      for (Token token : stream) {
        if (token.index() >= tokens) {
          break;
        }
      }
      stream.cancel();
      return stream.result();
    }
  }

  private void cancel(
      Prompt prompt, GenerationOptions own, int milliseconds, List<Integer> expected) {
    CompletableFuture<Generation> future = tuner.generateAsync(prompt, own);
    Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(milliseconds));
    future.cancel(true);
    try {
      check(future.join(), expected, FinishReason.MAX_NEW_TOKENS);
    } catch (CancellationException e) {
      require(future.isCancelled(), e, "a cancelled request");
    }
  }

  private void fail(Prompt prompt, GenerationOptions own, int at) {
    try {
      tuner.generate(
          prompt,
          own,
          token -> {
            if (token.index() == at) {
              throw new Sabotage();
            }
          });
    } catch (Sabotage e) {
      return;
    }
    throw new IllegalStateException("the exception of a listener was lost");
  }

  private static void check(Generation text, List<Integer> expected, FinishReason reason) {
    boolean whole = text.finishReason() == FinishReason.MAX_NEW_TOKENS;
    require(whole || text.finishReason() == reason, text, reason);
    List<Integer> ids = text.tokenIds();
    require(ids.equals(whole ? expected : expected.subList(0, ids.size())), ids, expected);
  }

  private static void require(boolean holds, Object got, Object expected) {
    if (!holds) {
      throw new IllegalStateException("got " + got + ", alone it is " + expected);
    }
  }
}
