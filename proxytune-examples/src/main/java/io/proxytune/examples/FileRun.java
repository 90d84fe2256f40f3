package io.proxytune.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Generation;
import io.proxytune.ProxyTuner;
import io.proxytune.Tokenizer;
import io.proxytune.examples.batch.BatchRequest;
import io.proxytune.examples.batch.BatchRun;
import io.proxytune.examples.batch.BatchSummary;
import io.proxytune.examples.batch.InputLines;
import io.proxytune.examples.batch.ResultFile;
import io.proxytune.examples.cli.OutputOptions;
import io.proxytune.examples.cli.WorkBar;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Generates the texts of a file of prompts, and says how it goes. For one thread. */
final class FileRun {
  /** The exit status where some lines could not be done, and all others are. */
  static final int SOME_BAD = 3;

  private final App app;
  private final FileOptions files;
  private final TraceOptions trace;
  private final OutputOptions output;

  FileRun(App app, FileOptions files, TraceOptions trace, OutputOptions output) {
    this.app = app;
    this.files = files;
    this.trace = trace;
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
   * @return the exit status
   */
  int run(ProxyTuner tuner, Function<JsonNode, BatchRequest> requests) {
    Tokenizer tokenizer = tuner.tokenizer();
    BatchRun.Settings settings =
        new BatchRun.Settings(
            files.atOnce(), files.inOrder(), requests, text -> result(text, tokenizer));
    long lines = InputLines.count(files.input());
    BatchSummary summary;
    try (InputLines input = InputLines.open(files.input());
        ResultFile results = ResultFile.open(files.output());
        WorkBar bar = new WorkBar(app, output.quiet(), "lines", lines)) {
      summary = new BatchRun(tuner, settings, results, listener(bar)).run(input);
      writeTrace(results);
    }
    report(summary);
    return summary.bad() == 0 ? 0 : SOME_BAD;
  }

  /** Of all results, so that a run that goes on where another ended has the whole. */
  private void writeTrace(ResultFile results) {
    if (trace.given()) {
      int without = trace.write(results);
      if (without > 0) {
        say(
            "%d results in %s were made without --trace, and have no rows",
            without, files.output());
      }
    }
  }

  private static ObjectNode result(Generation text, Tokenizer tokenizer) {
    ObjectNode json = JsonReport.generations(List.of(text), tokenizer);
    json.remove("prompt_token_ids");
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
