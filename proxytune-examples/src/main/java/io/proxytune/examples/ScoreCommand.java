package io.proxytune.examples;

import io.proxytune.Prompt;
import io.proxytune.Score;
import io.proxytune.examples.cli.OutputOptions;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how likely a text is. */
@Command(
    name = "score",
    description = "Log-probability of a text after a prompt, in all and per token.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class ScoreCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final ModelOptions models = new ModelOptions();
  @Mixin private final FusionOptions fusion = new FusionOptions();
  @Mixin private final PromptOptions prompts = new PromptOptions();

  @Option(
      names = "--continuation",
      required = true,
      paramLabel = "TEXT",
      description = "The text to score, with the space that it begins with.")
  private String continuation = "";

  @Mixin private final OutputOptions output = new OutputOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  ScoreCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    models.check();
    fusion.check(models.pairs().size());
    boolean steered = !models.pairs().isEmpty() || fusion.hasTerms();
    Usage.check(!continuation.isEmpty(), "--continuation must not be empty");
    Prompt prompt = prompts.prompt(steered, app.terminal().in());
    try (TunerSession session = TunerSession.open(app, models, fusion, output.quiet())) {
      Score score = session.tuner().score(prompt, continuation);
      app.cancellation().throwIfRequested();
      if (output.json()) {
        JsonReport.print(app.terminal(), JsonReport.score(score));
      } else {
        print(score);
      }
    }
    return 0;
  }

  private void print(Score score) {
    PrintStream out = app.terminal().out();
    out.println(
        String.format(
            Locale.ROOT,
            "total %.4f, %d tokens, %.4f per token",
            score.total(),
            score.tokens().size(),
            score.perToken()));
    for (Score.TokenScore token : score.tokens()) {
      out.println(
          String.format(Locale.ROOT, "%10.4f  %d %s", token.logprob(), token.id(), token.token()));
    }
  }
}
