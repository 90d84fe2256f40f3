package io.proxytune.examples;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.examples.cli.OutputOptions;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
  @Mixin private final PromptOptions prompts = new PromptOptions();
  @Mixin private final PublishedOption published = new PublishedOption();
  @Mixin private final SamplingOptions sampling = new SamplingOptions();
  @Mixin private final LimitOptions limits = new LimitOptions();

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Fixes the noise, so that the same request gives the same text.")
  private @Nullable Long seed;

  @Option(
      names = "--n",
      paramLabel = "COUNT",
      description = "So many texts from one prompt, decoded together.")
  private int count = 1;

  @Option(
      names = "--logprobs",
      arity = "0..1",
      fallbackValue = "0",
      paramLabel = "N",
      description = "Report log-probabilities, with the N likeliest tokens beside each.")
  private @Nullable Integer logprobs;

  @Option(
      names = "--speculation",
      paramLabel = "auto|off|K",
      description =
          "Draft tokens ahead where it pays (the default), never, or always up to K; the text is"
              + " the same.")
  private String speculation = "auto";

  @Option(
      names = "--stats",
      description = "Report counts and timings on standard error; --json has them anyway.")
  private boolean stats;

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
    boolean steered = !models.pairs().isEmpty();
    published.check(steered);
    options(GenerationOptions.defaults()); // refuses what can't work, before anything is loaded
    Prompt prompt = prompts.prompt(steered, app.terminal().in());
    try (TunerSession session = TunerSession.open(app, models, output.quiet())) {
      GenerationOptions first = published.options(session.base(), session.pairs(), this::note);
      run(session.tuner(), prompt, options(first));
    }
    return 0;
  }

  private void note(String line) {
    app.terminal().err().println("proxytune: " + line);
  }

  /** Other options with what is given here. */
  private GenerationOptions options(GenerationOptions first) {
    GenerationOptions options = limits.applyTo(sampling.applyTo(first));
    options = options.withSpeculation(speculation());
    options = seed == null ? options : options.withSeed(seed);
    return logprobs == null ? options : options.withLogprobs(logprobs);
  }

  private Speculation speculation() {
    if (speculation.matches("-?\\d{1,9}")) {
      int length = Integer.parseInt(speculation);
      Usage.check(
          length >= 1 && length <= Speculation.MAX_DRAFT_LENGTH,
          "--speculation must be auto, off or from 1 to %s, got %s",
          Speculation.MAX_DRAFT_LENGTH,
          length);
      return Speculation.draft(length);
    }
    Usage.check(
        speculation.equals("auto") || speculation.equals("off"),
        "--speculation must be auto, off or a number, got '%s'",
        speculation);
    return speculation.equals("off") ? Speculation.off() : Speculation.auto();
  }

  private void run(ProxyTuner tuner, Prompt prompt, GenerationOptions options) {
    TextReport text = new TextReport(app.terminal());
    boolean streams = !output.json() && count == 1;
    List<Generation> generations =
        count > 1
            ? tuner.generateMany(prompt, count, options)
            : List.of(stream(tuner.stream(prompt, options), streams ? text::token : token -> {}));
    if (streams) {
      text.endOfStream(generations.get(0));
    }
    app.cancellation().throwIfRequested();
    if (output.json()) {
      JsonReport.print(app.terminal(), JsonReport.generations(generations, tuner.tokenizer()));
    } else {
      report(text, generations, tuner);
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
      if (logprobs != null) {
        text.logprobs(generation, tuner.tokenizer());
      }
      if (stats) {
        text.stats(generation);
      }
    }
  }
}
