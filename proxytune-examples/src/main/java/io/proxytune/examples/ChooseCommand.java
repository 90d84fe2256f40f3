package io.proxytune.examples;

import io.proxytune.Choice;
import io.proxytune.Prompt;
import io.proxytune.Score;
import io.proxytune.examples.cli.OutputOptions;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Answers a multiple-choice question. */
@Command(
    name = "choose",
    description = "The likeliest of several continuations, by total log-probability.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class ChooseCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final ModelOptions models = new ModelOptions();
  @Mixin private final FusionOptions fusion = new FusionOptions();
  @Mixin private final PromptOptions prompts = new PromptOptions();

  @Option(
      names = "--option",
      required = true,
      paramLabel = "TEXT",
      description = "An answer, with the space that it begins with; repeat for each.")
  private List<String> options = new ArrayList<>();

  @Mixin private final OutputOptions output = new OutputOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  ChooseCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    models.check();
    fusion.check(models.pairs().size());
    boolean steered = !models.pairs().isEmpty() || fusion.hasTerms();
    Usage.check(options.stream().noneMatch(String::isEmpty), "--option must not be empty");
    Prompt prompt = prompts.prompt(steered, app.terminal().in());
    try (TunerSession session = TunerSession.open(app, models, fusion, output.quiet())) {
      Choice choice = session.tuner().choose(prompt, options);
      app.cancellation().throwIfRequested();
      if (output.json()) {
        JsonReport.print(app.terminal(), JsonReport.choice(choice, options));
      } else {
        print(choice);
      }
    }
    return 0;
  }

  private void print(Choice choice) {
    PrintStream out = app.terminal().out();
    for (int i = 0; i < options.size(); i++) {
      Score score = choice.scores().get(i);
      out.println(
          String.format(
              Locale.ROOT,
              "%s %10.4f  %8.4f per token  %s",
              i == choice.index() ? "*" : " ",
              score.total(),
              score.perToken(),
              options.get(i)));
    }
  }
}
