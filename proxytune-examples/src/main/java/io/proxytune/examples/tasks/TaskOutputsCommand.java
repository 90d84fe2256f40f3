package io.proxytune.examples.tasks;

import static java.util.Objects.requireNonNull;

import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.CommandRecord;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.report.ResultOptions;
import io.proxytune.examples.tasks.judge.Judge;
import io.proxytune.examples.tasks.sandbox.CodeRunner;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Scores texts that somebody has generated, without a model. */
@Command(
    name = "evaluate",
    description =
        "Scores outputs that exist already on a benchmark of the paper, without a model. Without"
            + " --outputs, models answer: evaluate --task NAME --data DIR --base MODEL ...",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
public final class TaskOutputsCommand implements Callable<Integer> {
  private final CommandContext context;

  @Mixin private final TaskOptions tasks = new TaskOptions();

  @Option(
      names = "--outputs",
      required = true,
      paramLabel = "FILE",
      description = "Outputs with their items, as the paper's repository has them.")
  private @Nullable Path outputs;

  @Mixin private final JudgeOptions judges = new JudgeOptions();
  @Mixin private final ResultOptions results = new ResultOptions();

  @Spec private @Nullable CommandSpec spec;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  public TaskOutputsCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    PaperTask task = tasks.task();
    judges.check();
    results.check();
    Path file = requireNonNull(outputs);
    List<Answer> answers = tasks.limited(task.answers(Rows.read(file), tasks.folder()));
    try (Judge judge = judges.judge();
        CodeRunner runner = judges.runner(task)) {
      Scores scores = score(task, answers, judge, runner);
      TaskResult result =
          new TaskResult(task, CommandRecord.of(requireNonNull(spec)), judged(answers, judge));
      result.options().put("outputs", file.toString());
      result.add("outputs", scores, 0);
      results.write(context.terminal(), result.report(), result.json());
    }
    return 0;
  }

  private Scores score(PaperTask task, List<Answer> answers, Judge judge, CodeRunner runner) {
    try (WorkBar bar = new WorkBar(context, results.quiet(), "scored", answers.size())) {
      return task.score(answers, new Graders(judge, runner, () -> bar.step(1)));
    }
  }

  private static String judged(List<Answer> answers, Judge judge) {
    boolean before = answers.stream().anyMatch(answer -> !answer.verdicts().isEmpty());
    return before ? "verdicts that came with the outputs" : judge.name();
  }
}
