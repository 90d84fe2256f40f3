package io.proxytune.examples.diagnosis;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Has texts written that a diagnosis is made of. For one thread. */
public final class DiagnosisRun {
  /** So many texts are decoded together. */
  private static final int BATCH = 16;

  /** Among so many of a model's likeliest tokens the base's choice is looked for. */
  private static final int ALTERNATIVES = 20;

  private final ProxyTuner steered;
  private final ProxyTuner base;
  private final Optional<ProxyTuner> open;

  /**
   * A text that is asked for.
   *
   * @param prompt what each model reads
   * @param options how the text is generated
   */
  public record Request(Prompt prompt, GenerationOptions options) {}

  /**
   * Prepares a run.
   *
   * @param steered the base with its pairs
   * @param base the base alone
   * @param open the same as {@code steered} with every token as a candidate, if some are none
   */
  public DiagnosisRun(ProxyTuner steered, ProxyTuner base, Optional<ProxyTuner> open) {
    this.steered = steered;
    this.base = base;
    this.open = open;
  }

  /**
   * Has all texts written, and the base's own beside them.
   *
   * @param progress is told how many more texts are there
   */
  public List<Sample> samples(List<Request> requests, IntConsumer progress) {
    List<Sample> samples = new ArrayList<>();
    int next = 0;
    while (next < requests.size()) {
      List<Request> batch = alike(requests.subList(next, requests.size()));
      samples.addAll(batch(batch));
      next += batch.size();
      progress.accept(batch.size());
    }
    return samples;
  }

  /** The first requests that can be decoded together, as they ask for the same. */
  private static List<Request> alike(List<Request> requests) {
    int end = 1;
    while (end < Math.min(BATCH, requests.size())
        && requests.get(end).options().equals(requests.get(0).options())) {
      end++;
    }
    return requests.subList(0, end);
  }

  private List<Sample> batch(List<Request> requests) {
    GenerationOptions options = requests.get(0).options();
    GenerationOptions traced =
        options.withTrace(true).withLogprobs(Math.max(ALTERNATIVES, options.topLogprobs()));
    List<Generation> texts =
        steered.generateAll(requests.stream().map(Request::prompt).toList(), traced);
    List<Generation> own =
        base.generateAll(texts.stream().map(DiagnosisRun::promptOf).toList(), options);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      samples.add(
          new Sample(texts.get(i), own.get(i), wanted(requests.get(i).prompt(), texts.get(i))));
    }
    return samples;
  }

  private List<Sample.Wanted> wanted(Prompt prompt, Generation text) {
    if (open.isEmpty() || text.tokens().isEmpty()) {
      return List.of();
    }
    int[] ids = text.tokens().stream().mapToInt(Token::id).toArray();
    return open.get().logprobs(prompt, ids, 1).stream()
        .mapToInt(place -> place.top().get(0).id())
        .mapToObj(id -> new Sample.Wanted(id, base.tokenizer().token(id).orElse("id " + id)))
        .toList();
  }

  private static Prompt promptOf(Generation text) {
    return Prompt.ofIds(text.promptTokenIds().stream().mapToInt(Integer::intValue).toArray());
  }
}
