package io.proxytune.examples;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.ProxyTuner;
import io.proxytune.Tokenizer;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.batch.BadLineException;
import io.proxytune.examples.batch.BatchRequest;
import io.proxytune.examples.batch.BatchRun;
import io.proxytune.examples.batch.BatchSummary;
import io.proxytune.examples.batch.InputLines;
import io.proxytune.examples.batch.ResultFile;
import io.proxytune.examples.cli.OutputOptions;
import io.proxytune.examples.cli.WorkBar;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Generates the texts of a file of prompts, and says how it goes. For one thread. */
final class FileRun {
  /** The exit status where some lines could not be done, and all others are. */
  static final int SOME_BAD = 3;

  private final App app;
  private final FileOptions files;
  private final Extras extras;
  private final OutputOptions output;

  /** What is made of all results. */
  record Extras(TraceOptions trace, ReportOptions report) {
    private BatchRequest applyTo(BatchRequest line) {
      GenerationOptions options = report.applyTo(trace.applyTo(line.options()));
      return new BatchRequest(line.id(), line.prompt(), options);
    }
  }

  FileRun(App app, FileOptions files, Extras extras, OutputOptions output) {
    this.app = app;
    this.files = files;
    this.extras = extras;
    this.output = output;
  }

  /** Refuses files that can't be used, before anything is loaded. */
  void check() {
    InputLines.open(files.input()).close();
    ResultFile.open(files.output()).close();
  }

  /**
   * Does all lines that have no result yet.
   *
   * @param page begins a page, if one is asked for
   * @return the exit status
   */
  int run(TunerSession session, LineRequests requests, Supplier<ReportRun> page) {
    ProxyTuner tuner = session.tuner();
    BatchRun.Settings settings =
        new BatchRun.Settings(
            files.atOnce(),
            files.inOrder(),
            requests.andThen(extras::applyTo),
            text -> result(text, tuner.tokenizer()));
    long lines = InputLines.count(files.input());
    BatchSummary summary;
    try (InputLines input = InputLines.open(files.input());
        ResultFile results = ResultFile.open(files.output());
        WorkBar bar = new WorkBar(app, output.quiet(), "lines", lines)) {
      summary = new BatchRun(tuner, settings, results, listener(bar)).run(input);
      writeTrace(results);
      writePage(results, requests, page);
    }
    report(summary);
    return summary.bad() == 0 ? 0 : SOME_BAD;
  }

  /** Of all results, so that a run that goes on where another ended has the whole. */
  private void writeTrace(ResultFile results) {
    if (extras.trace.given()) {
      int without = extras.trace.write(results);
      if (without > 0) {
        say(
            "%d results in %s were made without --trace, and have no rows",
            without, files.output());
      }
    }
  }

  private void writePage(ResultFile results, LineRequests requests, Supplier<ReportRun> begun) {
    if (extras.report.given()) {
      try (ReportRun page = begun.get()) {
        int without = page.add(results, options(requests));
        if (without > 0) {
          say(
              "%d results in %s were made without --report, and are not on the page",
              without, files.output());
        }
        page.write();
      }
    }
  }

  /** Those of each line of the input that can be done. */
  private Map<Long, GenerationOptions> options(LineRequests requests) {
    Map<Long, GenerationOptions> options = new HashMap<>();
    try (InputLines input = InputLines.open(files.input())) {
      for (var line = input.next(); line.isPresent(); line = input.next()) {
        long number = line.get().number();
        request(line.get(), requests).ifPresent(it -> options.put(number, it.options()));
      }
    }
    return options;
  }

  /** What a line asks for; nothing where it is bad, which was said before. */
  private static Optional<BatchRequest> request(InputLines.Line line, LineRequests requests) {
    try {
      return Optional.of(requests.apply(JsonText.parse(line.text())));
    } catch (InvalidJsonException | BadLineException e) {
      return Optional.empty();
    }
  }

  private ObjectNode result(Generation text, Tokenizer tokenizer) {
    ObjectNode json = JsonReport.generations(List.of(text), tokenizer);
    if (!extras.report.given()) {
      json.remove(JsonReport.PROMPT_IDS);
    }
    return json;
  }

  private BatchRun.Listener listener(WorkBar bar) {
    return new BatchRun.Listener() {
      @Override
      public void bad(long number, String why) {
        say("--input %s line %d: %s", files.input(), number, why.replaceAll("\\s*\\R\\s*", " "));
      }

      @Override
      public void through() {
        bar.step(1);
      }
    };
  }

  private void report(BatchSummary summary) {
    if (output.json()) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("done", summary.done()).put("before", summary.before()).put("bad", summary.bad());
      JsonReport.print(app.terminal(), json);
    } else if (!output.quiet()) {
      say(
          "%d texts written to %s, %d were there before, %d bad lines",
          summary.done(), files.output(), summary.before(), summary.bad());
    }
  }

  private void say(String format, Object... args) {
    app.terminal().err().println("proxytune: " + String.format(Locale.ROOT, format, args));
  }
}
