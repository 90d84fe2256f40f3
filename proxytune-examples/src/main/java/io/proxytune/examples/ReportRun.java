package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Fusion;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.files.DurableFiles;
import io.proxytune.examples.batch.ResultFile;
import io.proxytune.examples.report.RunRecord;
import io.proxytune.examples.trace.PageData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes the page about steered texts: has the base alone write from the same tokens with the same
 * options and seeds, and puts both side by side. For one thread.
 */
final class ReportRun implements AutoCloseable {
  private static final List<String> NEEDED =
      List.of(JsonReport.TRACE, JsonReport.LOGPROBS, JsonReport.PROMPT_IDS);

  private final App app;
  private final ReportOptions report;
  private final ProxyTuner base;
  private final PageData page;

  /**
   * Begins a page.
   *
   * @param arguments the command line
   * @param common how texts are generated, but for what is reported of them
   */
  ReportRun(
      App app,
      ReportOptions report,
      ModelOptions models,
      FusionOptions fusion,
      TunerSession session,
      List<String> arguments,
      GenerationOptions common) {
    this.app = app;
    this.report = report;
    RunRecord run = RunRecord.now(arguments, common.toString());
    addModels(run, models, fusion, session);
    this.page = new PageData(run, session.fusion().equals(Fusion.proxyTuning()));
    this.base = app.engine().tuner(session.base(), List.of(), models.prefillChunk());
  }

  private void addModels(
      RunRecord run, ModelOptions models, FusionOptions fusion, TunerSession session) {
    session.addTo(run, models, app.engine());
    fusion
        .sources()
        .forEach(
            source -> run.addModel("source", 0, source, Optional.of(app.engine().folder(source))));
  }

  /**
   * Adds the texts of one prompt.
   *
   * @param options how they were generated, but for what is reported of them
   */
  void add(List<Generation> texts, GenerationOptions options) {
    for (int i = 0; i < texts.size(); i++) {
      ObjectNode steered = JsonReport.generations(List.of(texts.get(i)), base.tokenizer());
      add(JsonNodeFactory.instance.objectNode().put("n", i + 1), steered, options);
    }
  }

  /**
   * Adds all texts of a file of results.
   *
   * @param options those of each line of the input
   * @return how many results can't be shown, because they were made without a page in mind
   */
  int add(ResultFile results, Map<Long, GenerationOptions> options) {
    SortedMap<Long, JsonNode> lines = new TreeMap<>();
    results.forEach(result -> lines.put(result.path(ResultFile.LINE).longValue(), result));
    int all = lines.size();
    lines.keySet().retainAll(options.keySet());
    lines.values().removeIf(result -> !NEEDED.stream().allMatch(result::has));
    lines.forEach(
        (line, result) -> {
          ObjectNode steered = result.deepCopy();
          steered.remove(List.of(ResultFile.LINE, ResultFile.ID));
          add(TraceOptions.names(result), steered, requireNonNull(options.get(line)));
        });
    return all - lines.size();
  }

  private void add(ObjectNode names, ObjectNode steered, GenerationOptions options) {
    app.cancellation().throwIfRequested();
    int[] prompt = ids(steered.path(JsonReport.PROMPT_IDS));
    GenerationOptions same = options.withSeed(steered.path("seed").longValue());
    Generation alone = base.generateMany(Prompt.ofIds(prompt), 1, same).get(0);
    app.cancellation().throwIfRequested();
    page.add(
        names,
        base.tokenizer().decode(prompt, false),
        steered,
        JsonReport.generations(List.of(alone), base.tokenizer()));
  }

  private static int[] ids(JsonNode list) {
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = list.get(i).intValue();
    }
    return ids;
  }

  /** Writes the page. */
  void write() {
    try {
      DurableFiles.write(
          report.file(), out -> out.write(page.page(report.classes()).getBytes(UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "--report " + report.file() + " can't be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    base.close();
  }
}
