package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import io.proxytune.examples.cli.CommandRecord;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.report.ResultOptions;
import io.proxytune.examples.tasks.Answer;
import io.proxytune.examples.tasks.Decoding;
import io.proxytune.examples.tasks.Graders;
import io.proxytune.examples.tasks.JudgeOptions;
import io.proxytune.examples.tasks.PaperTask;
import io.proxytune.examples.tasks.TaskItem;
import io.proxytune.examples.tasks.TaskOptions;
import io.proxytune.examples.tasks.TaskResult;
import io.proxytune.examples.tasks.judge.Judge;
import io.proxytune.examples.tasks.sandbox.CodeRunner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Has models answer a benchmark of the paper. */
@Command(
    name = "evaluate",
    description =
        "Measures the base, each expert and the base as they steer it on a benchmark of the paper."
            + " With --outputs FILE instead of models, scores outputs that exist already.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class TaskRunCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final TaskOptions tasks = new TaskOptions();
  @Mixin private final TaskRunOptions options = new TaskRunOptions();
  @Mixin private final ModelOptions models = new ModelOptions();
  @Mixin private final FusionOptions fusion = new FusionOptions();
  @Mixin private final JudgeOptions judges = new JudgeOptions();
  @Mixin private final ResultOptions results = new ResultOptions();

  @Spec private @Nullable CommandSpec spec;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  TaskRunCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    PaperTask task = tasks.task();
    Decoding decoding = options.decoding(task.decoding());
    options.check();
    models.check();
    fusion.check(models.pairs().size());
    judges.check();
    results.check();
    Usage.check(
        decoding.top() == 0 || fusion.isPlain(),
        "--task %s has a fusion of its own, among the base's likeliest tokens: leave --preset,"
            + " --source, --space, --candidates and --strength away",
        task.name());
    List<TaskItem> items = tasks.items();
    TaskModels named = new TaskModels(app, models, fusion, options);
    options.checkSystems(named.systems());
    try (Judge judge = judges.judge();
        CodeRunner runner = judges.runner(task);
        TaskFolder folder = TaskFolder.open(options.output(), task.name())) {
      Map<String, List<Answer>> answers = answers(named, items, decoding, folder);
      TaskResult result =
          new TaskResult(task, CommandRecord.of(requireNonNull(spec)), judge.name());
      result.models().addAll(named.json());
      result.options().setAll(named.options(requireNonNull(spec), decoding));
      score(task, answers, items.size(), new Graders(judge, runner, () -> {}), result);
      folder.report(result.json());
      results.write(app.terminal(), result.report(), result.json());
      boolean all = answers.values().stream().allMatch(of -> of.size() == items.size());
      return all ? 0 : FileRun.SOME_BAD;
    }
  }

  private Map<String, List<Answer>> answers(
      TaskModels named, List<TaskItem> items, Decoding decoding, TaskFolder folder) {
    TaskRun.Settings settings =
        new TaskRun.Settings(options.atOnce(), options.seed(), results.quiet());
    TaskRun run = new TaskRun(app, folder, items, decoding, settings);
    Map<String, List<Answer>> answers = new LinkedHashMap<>();
    for (String system : named.systems()) {
      if (options.wants(system)) {
        folder.begin(
            system, named.settings(system, requireNonNull(spec), TaskFolder.fingerprint(items)));
      }
    }
    named.forEach(
        decoding.top(), results.quiet(), system -> answers.put(system.name(), run.answers(system)));
    return answers;
  }

  private void score(
      PaperTask task,
      Map<String, List<Answer>> answers,
      int items,
      Graders graders,
      TaskResult result) {
    answers.forEach(
        (system, of) -> {
          Usage.check(!of.isEmpty(), "%s has no answer to any item: see above", system);
          try (WorkBar bar = new WorkBar(app, results.quiet(), "scoring " + system, of.size())) {
            Graders telling = new Graders(graders.judge(), graders.runner(), () -> bar.step(1));
            result.add(system, task.score(of, telling), items - of.size());
          }
        });
  }
}
