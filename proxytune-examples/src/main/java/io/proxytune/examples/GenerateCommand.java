package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Search;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.examples.cli.OutputOptions;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes text. */
@Command(
    name = "generate",
    description = "Writes text, steered by expert pairs or not.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class GenerateCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final ModelOptions models = new ModelOptions();
  @Mixin private final FusionOptions fusion = new FusionOptions();
  @Mixin private final PromptOptions prompts = new PromptOptions();
  @Mixin private final PublishedOption published = new PublishedOption();
  @Mixin private final RequestOptions request = new RequestOptions();
  @Mixin private final ConstraintOptions constraint = new ConstraintOptions();
  @Mixin private final FileOptions files = new FileOptions();
  @Mixin private final TraceOptions trace = new TraceOptions();
  @Mixin private final ReportOptions report = new ReportOptions();

  @Option(
      names = "--n",
      paramLabel = "COUNT",
      description = "So many texts from one prompt, decoded together.")
  private int count = 1;

  @Mixin private final SearchOptions searching = new SearchOptions();

  @Option(
      names = "--stats",
      description = "Report counts and timings on standard error; --json has them anyway.")
  private boolean stats;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final OutputOptions output = new OutputOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  GenerateCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    Usage.check(count >= 1, "--n must be >= 1, got %s", count);
    models.check();
    fusion.check(models.pairs().size());
    published.check(!models.pairs().isEmpty());
    boolean steered = !models.pairs().isEmpty() || fusion.hasTerms();
    files.check();
    trace.check(files);
    report.check(files, steered, app.terminal().in());
    Usage.check(
        !report.given() || models.baseServer().isEmpty(),
        "--report tells of a model's files, and --base %s has them on its server: leave --report"
            + " out, and take --trace for what steering did to each token",
        models.base());
    request.applyTo(GenerationOptions.defaults()); // refuses what can't work before loading
    Optional<Search> search = searching.search(!models.pairs().isEmpty());
    Usage.check(search.isEmpty() || count == 1, "--n excludes --best-of and --beam");
    constraint.read(app.terminal().in());
    if (files.given()) {
      Usage.check(search.isEmpty(), "--best-of and --beam are for one prompt, not for --input");
      return runFile();
    }
    Prompt prompt = prompts.prompt(steered, app.terminal().in());
    try (TunerSession session = TunerSession.open(app, models, fusion, output.quiet())) {
      GenerationOptions first = published.options(session.base(), session.pairs(), this::note);
      GenerationOptions plain = constraint.applyTo(request.applyTo(first), prompt, session.tuner());
      if (search.isPresent()) {
        SearchOptions.checkSampled(search.get(), plain);
        search(session, prompt, search.get(), plain);
      } else {
        run(session, prompt, plain);
      }
    }
    return 0;
  }

  /** A text for each line of a file. */
  private int runFile() {
    prompts.checkBesideFile();
    Usage.check(count == 1 && !stats, "--n and --stats are for one prompt, not for --input");
    FileRun run = new FileRun(app, files, new FileRun.Extras(trace, report), output);
    run.check();
    try (TunerSession session = TunerSession.open(app, models, fusion, output.quiet())) {
      GenerationOptions first = published.options(session.base(), session.pairs(), this::note);
      GenerationOptions plain = request.applyTo(first);
      LineRequests lines =
          new LineRequests(
              prompts,
              plain,
              (options, prompt) -> constraint.applyTo(options, prompt, session.tuner()));
      return run.run(session, lines, () -> reportRun(session, plain));
    }
  }

  private void note(String line) {
    app.terminal().err().println("proxytune: " + line);
  }

  private ReportRun reportRun(TunerSession session, GenerationOptions plain) {
    List<String> arguments =
        requireNonNull(spec).root().commandLine().getParseResult().originalArgs();
    return new ReportRun(app, report, models, fusion, session, arguments, plain);
  }

  private void run(TunerSession session, Prompt prompt, GenerationOptions plain) {
    ProxyTuner tuner = session.tuner();
    GenerationOptions options = report.applyTo(trace.applyTo(plain));
    TextReport text = new TextReport(app.terminal());
    boolean streams = !output.json() && count == 1;
    List<Generation> generations =
        count > 1
            ? tuner.generateMany(prompt, count, options)
            : List.of(stream(tuner.stream(prompt, options), streams ? text::token : token -> {}));
    if (streams) {
      text.endOfStream(generations.get(0));
    }
    write(session, generations, plain);
    if (output.json()) {
      JsonReport.print(app.terminal(), JsonReport.generations(generations, tuner.tokenizer()));
    } else {
      report(text, generations, tuner);
    }
  }

  private void search(TunerSession session, Prompt prompt, Search search, GenerationOptions plain) {
    ProxyTuner tuner = session.tuner();
    GenerationOptions options = report.applyTo(trace.applyTo(plain));
    FoundTexts found = new FoundTexts(tuner.search(prompt, search, options), options.logprobs());
    write(session, found.generations(), plain);
    TextReport text = new TextReport(app.terminal());
    if (output.json()) {
      JsonReport.print(app.terminal(), found.json(tuner.tokenizer()));
      return;
    }
    Generation best = found.generations().get(0);
    text.endOfStream(best);
    report(text, List.of(best), tuner);
    if (stats) {
      note(found.summary());
    }
  }

  /** Files beside the text. */
  private void write(TunerSession session, List<Generation> generations, GenerationOptions plain) {
    app.cancellation().throwIfRequested();
    trace.write(generations, session.tuner().tokenizer());
    if (report.given()) {
      try (ReportRun page = reportRun(session, plain)) {
        page.add(generations, plain);
        page.write();
      }
    }
  }

  private Generation stream(TokenStream tokens, Consumer<Token> listener) {
    try (tokens) {
      return app.cancellation()
          .cancellingWith(
              tokens::cancel,
              () -> {
                tokens.forEach(listener);
                return tokens.result();
              });
    }
  }

  private void report(TextReport text, List<Generation> generations, ProxyTuner tuner) {
    if (generations.size() > 1) {
      text.texts(generations);
    }
    for (Generation generation : generations) {
      if (request.reportsLogprobs()) {
        text.logprobs(generation, tuner.tokenizer());
      }
      if (stats) {
        text.stats(generation);
      }
    }
  }
}
