package io.proxytune.examples;

import io.proxytune.GenerationOptions;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.measure.AnswerFolder;
import io.proxytune.examples.measure.Interview;
import io.proxytune.examples.measure.Question;
import io.proxytune.examples.measure.QuestionFile;
import io.proxytune.examples.measure.ScoringCommand;
import io.proxytune.examples.report.ResultOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;

/** Which models answer which questions, and how: what all commands on a user's own data share. */
final class MeasureOptions {
  /** Sampled answers are the same in every run, unless another seed is given. */
  private static final long SEED = 1;

  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final ModelOptions models = new ModelOptions();
  @Mixin private final FusionOptions fusion = new FusionOptions();
  @Mixin private final PromptOptions prompts = new PromptOptions();
  @Mixin private final RequestOptions request = new RequestOptions();
  @Mixin private final ResultOptions results = new ResultOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  /** The models and what they are asked, ready. */
  record Ready(
      TunerSession session,
      MeasuredSystems systems,
      List<Question> questions,
      Interview interview) {}

  /** What a command does with them. */
  interface Body {
    void run(Ready ready);
  }

  /** Refuses what can't work, before anything is read. */
  void check() {
    data.check();
    models.check();
    fusion.check(models.pairs().size());
    results.check();
    prompts.checkBesideFile();
  }

  ModelOptions models() {
    return models;
  }

  FusionOptions fusion() {
    return fusion;
  }

  ResultOptions results() {
    return results;
  }

  /** Whether anything steers the base. */
  boolean isSteered() {
    return !models.pairs().isEmpty() || fusion.hasTerms();
  }

  /** The questions' file. */
  Path dataFile() {
    return data.file();
  }

  /** What figures are made with. */
  MeasureRecord record(App app, CommandSpec spec) {
    return new MeasureRecord(app, spec, data.file()).add(models, fusion);
  }

  /**
   * Reads the questions, loads the models, and closes all after the work.
   *
   * @param task what a person sees beside the bar
   * @param answers how many answers will be asked for at most
   * @return the exit status
   */
  int run(
      App app, MeasureRecord record, String task, ToLongFunction<QuestionFile> answers, Body body) {
    Optional<ScoringCommand> scoring = data.scoringCommand();
    try {
      LineRequests lines = new LineRequests(prompts, options());
      QuestionFile file = data.read(lines, scoring, app.terminal().err());
      long most = answers.applyAsLong(file); // refuses too few
      Optional<AnswerFolder> kept = data.answers(record);
      try (TunerSession session = TunerSession.open(app, models, fusion, results.quiet());
          WorkBar bar = new WorkBar(app, results.quiet(), task, most)) {
        Interview interview =
            new Interview(
                data.atOnce(),
                kept,
                bar,
                note -> app.terminal().err().println("proxytune: " + note));
        body.run(
            new Ready(
                session, new MeasuredSystems(session, isSteered()), file.questions(), interview));
      }
      return file.problems().isEmpty() ? 0 : FileRun.SOME_BAD;
    } finally {
      scoring.ifPresent(ScoringCommand::close);
    }
  }

  private GenerationOptions options() {
    GenerationOptions options = request.applyTo(GenerationOptions.defaults());
    return options.seed().isPresent() ? options : options.withSeed(SEED);
  }
}
