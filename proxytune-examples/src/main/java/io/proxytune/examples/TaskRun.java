package io.proxytune.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Sampler;
import io.proxytune.TokenConstraints;
import io.proxytune.Tokenizer;
import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.examples.batch.BatchRequest;
import io.proxytune.examples.batch.BatchRun;
import io.proxytune.examples.batch.InputLines;
import io.proxytune.examples.batch.ResultFile;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.measure.Spoken;
import io.proxytune.examples.tasks.Answer;
import io.proxytune.examples.tasks.Decoding;
import io.proxytune.examples.tasks.Sample;
import io.proxytune.examples.tasks.Sample.Candidate;
import io.proxytune.examples.tasks.TaskItem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Has systems answer the items of a benchmark, and goes on where a run was ended. For one thread.
 */
final class TaskRun {
  private final App app;
  private final TaskFolder folder;
  private final List<TaskItem> items;
  private final Decoding decoding;
  private final Settings settings;

  /**
   * What is the same for all systems.
   *
   * @param atOnce the most texts that are generated at once
   * @param seed of sampled texts
   * @param quiet whether progress is of no interest
   */
  record Settings(int atOnce, long seed, boolean quiet) {}

  TaskRun(App app, TaskFolder folder, List<TaskItem> items, Decoding decoding, Settings settings) {
    this.app = app;
    this.folder = folder;
    this.items = items;
    this.decoding = decoding;
    this.settings = settings;
  }

  /** The answers of a system to all items that it has all texts of. */
  List<Answer> answers(TaskSystem system) {
    Path requests = folder.requests(items, decoding.samples());
    GenerationOptions options = options(system.tuner().tokenizer());
    BatchRun.Settings batch =
        new BatchRun.Settings(
            settings.atOnce,
            false,
            line -> request(line, system, options),
            text -> result(text, system.tuner().tokenizer()));
    long count = (long) items.size() * decoding.samples();
    try (InputLines input = InputLines.open(requests);
        ResultFile results = ResultFile.open(folder.texts(system.name()));
        WorkBar bar = new WorkBar(app, settings.quiet, system.name(), count)) {
      var unused = new BatchRun(system.tuner(), batch, results, listener(system, bar)).run(input);
      return read(results, system);
    }
  }

  private BatchRequest request(JsonNode line, TaskSystem system, GenerationOptions options) {
    int item = line.path("item").intValue();
    JsonNode id = line.path(ResultFile.ID);
    long seed = new SplittableRandom(settings.seed + id.textValue().hashCode()).nextLong();
    Prompt prompt = system.prompt().apply(items.get(item).ask());
    AnswerFormat format = AnswerFormat.of(prompt, system.tuner());
    return new BatchRequest(id, prompt, format.withMarks(options.withSeed(seed)));
  }

  private GenerationOptions options(Tokenizer tokenizer) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withMaxNewTokens(decoding.maxNewTokens())
            .withStopStrings(decoding.stops());
    if (decoding.temperature() > 0) {
      options =
          options.withSampler(
              Sampler.topP(decoding.topP()).withTemperature(decoding.temperature()));
    }
    List<List<Integer>> banned =
        decoding.banned().stream()
            .map(word -> IntStream.of(tokenizer.encode(word, false)).boxed().toList())
            .filter(ids -> !ids.isEmpty())
            .toList();
    options = options.withConstraints(TokenConstraints.NONE.withBannedSequences(banned));
    // A first token that ends the text would be reported with no alternatives.
    return decoding.top() == 0
        ? options
        : options.withLogprobs(decoding.top()).withIgnoreEndOfText(true);
  }

  private static ObjectNode result(Generation text, Tokenizer tokenizer) {
    ObjectNode json = JsonReport.generations(List.of(text), tokenizer);
    json.remove(JsonReport.PROMPT_IDS);
    return json;
  }

  private BatchRun.Listener listener(TaskSystem system, WorkBar bar) {
    Set<String> named = new HashSet<>();
    return new BatchRun.Listener() {
      @Override
      public void bad(long number, String why) {
        String id = item(number).id();
        if (named.add(id)) {
          say("%s has no answer to %s: %s", system.name(), id, why);
        }
      }

      @Override
      public void through() {
        bar.step(1);
      }
    };
  }

  /** The item of a line. */
  private TaskItem item(long line) {
    return items.get((int) ((line - 1) / decoding.samples()));
  }

  private void say(String format, Object... args) {
    String text = String.format(Locale.ROOT, format, args).replaceAll("\\s*\\R\\s*", " ");
    app.terminal().err().println("proxytune: " + text);
  }

  /** The texts are kept with what was thought; answers are without. */
  private List<Answer> read(ResultFile results, TaskSystem system) {
    Map<Integer, AnswerFormat> formats = new HashMap<>();
    Map<Integer, Map<Long, Sample>> byItem = new TreeMap<>();
    results.forEach(
        result -> {
          long line = result.path(ResultFile.LINE).longValue();
          int item = (int) ((line - 1) / decoding.samples());
          if (item < items.size()) {
            AnswerFormat format = formats.computeIfAbsent(item, it -> format(it, system));
            Sample sample = sample(result, format, system.tuner().tokenizer());
            byItem.computeIfAbsent(item, it -> new TreeMap<>()).put(line, sample);
          }
        });
    List<Answer> answers = new ArrayList<>();
    byItem.forEach(
        (item, samples) -> {
          if (samples.size() == decoding.samples()) {
            answers.add(Answer.of(items.get(item), List.copyOf(samples.values())));
          }
        });
    return answers;
  }

  private AnswerFormat format(int item, TaskSystem system) {
    return AnswerFormat.of(system.prompt().apply(items.get(item).ask()), system.tuner());
  }

  private static Sample sample(JsonNode result, AnswerFormat format, Tokenizer tokenizer) {
    List<Candidate> top = new ArrayList<>();
    for (JsonNode each : result.path(JsonReport.LOGPROBS).path(0).path("top")) {
      if (each.path("logprob").isNumber()) { // null where it is impossible
        String token = tokenizer.decode(new int[] {each.path("id").intValue()}, false);
        top.add(new Candidate(token, each.path("logprob").doubleValue()));
      }
    }
    String answer = Spoken.of(result.path("text").asText(), format).answer();
    return new Sample(answer, top, Optional.empty());
  }
}
