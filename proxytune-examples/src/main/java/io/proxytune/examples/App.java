package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableMap;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Terminal;
import io.proxytune.examples.evaluation.EvaluateCommand;
import io.proxytune.examples.evaluation.SweepCommand;
import io.proxytune.examples.experiments.ExperimentCommand;
import io.proxytune.examples.tasks.TaskOutputsCommand;
import io.proxytune.examples.training.PretrainCommand;
import io.proxytune.examples.training.TrainFamilyCommand;
import io.proxytune.examples.training.TuneCommand;
import io.proxytune.examples.world.WorldCommand;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * The commands with what they work on.
 *
 * @param terminal where they read and write
 * @param engine what loads models
 * @param cancellation what ends them early
 */
record App(Terminal terminal, Engine engine, Cancellation cancellation) implements CommandContext {
  /** By their names, in the order of the help. */
  static final ImmutableMap<String, Function<App, Object>> COMMANDS =
      ImmutableMap.<String, Function<App, Object>>builder()
          .put("generate", GenerateCommand::new)
          .put("score", ScoreCommand::new)
          .put("choose", ChooseCommand::new)
          .put("inspect", InspectCommand::new)
          .put("chat", ChatCommand::new)
          .put("serve", ServeCommand::new)
          .put("world", WorldCommand::new)
          .put("pretrain", PretrainCommand::new)
          .put("tune", TuneCommand::new)
          .put("train-family", TrainFamilyCommand::new)
          .put("evaluate", EvaluateCommand::new)
          .put("sweep", SweepCommand::new)
          .put("diagnose", DiagnoseCommand::new)
          .put("tune-alpha", TuneAlphaCommand::new)
          .put("runtime", RuntimeCommand::new)
          .put("experiment", ExperimentCommand::commandLine)
          .build();

  /** Commands of the same names on models and data of one's own, which options of theirs tell. */
  private static final ImmutableMap<String, Function<App, Object>> ON_OWN_DATA =
      ImmutableMap.of("evaluate", EvaluateDataCommand::new, "sweep", SweepDataCommand::new);

  /**
   * Runs one command and never throws.
   *
   * @return the exit status
   */
  int run(String... args) {
    ErrorReport report =
        new ErrorReport(terminal.err(), cancellation, Arrays.asList(args).contains("--verbose"));
    try {
      LocaleCheck.checkReadable(args);
      int status = commandLine(report, args).execute(args);
      if (status == 0) {
        terminal.requireWritten();
      }
      return status;
    } catch (
        Throwable
            e) { // unreadable arguments; picocli passes Errors on, such as natives that don't link
      return report.failed(e);
    } finally {
      terminal.out().flush();
      terminal.err().flush();
    }
  }

  private CommandLine commandLine(ErrorReport report, String... args) {
    CommandLine commandLine = new CommandLine(new RootCommand(this));
    commands(args).forEach(command -> commandLine.addSubcommand(command.apply(this)));
    return commandLine
        // A prompt may begin with @ or -, and is no file or cluster of options for that.
        .setExpandAtFiles(false)
        .setPosixClusteredShortOptionsAllowed(false)
        .setOut(writer(terminal.out()))
        .setErr(writer(terminal.err()))
        .setParameterExceptionHandler((e, given) -> report.badUsage(e))
        .setExecutionExceptionHandler((e, command, parsed) -> report.failed(e));
  }

  /** The one that is named first, or all: reading the options of each takes 20 ms. */
  private static Collection<Function<App, Object>> commands(String... args) {
    Function<App, Object> named = args.length == 0 ? null : COMMANDS.get(args[0]);
    return named == null ? COMMANDS.values() : List.of(variant(named, args));
  }

  /**
   * Commands of one name have other options on data of one's own, and on the paper's benchmarks.
   */
  private static Function<App, Object> variant(Function<App, Object> named, String... args) {
    if (args[0].equals("evaluate") && isGiven("--task", args)) {
      return isGiven("--outputs", args) ? TaskOutputsCommand::new : TaskRunCommand::new;
    }
    boolean own = isGiven("--data", args) || isGiven("--base", args);
    return own ? ON_OWN_DATA.getOrDefault(args[0], named) : named;
  }

  private static boolean isGiven(String option, String... args) {
    return Arrays.stream(args).anyMatch(arg -> arg.equals(option) || arg.startsWith(option + "="));
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, UTF_8), true);
  }
}
