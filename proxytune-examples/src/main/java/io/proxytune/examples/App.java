package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Terminal;
import io.proxytune.examples.evaluation.EvaluateCommand;
import io.proxytune.examples.evaluation.SweepCommand;
import io.proxytune.examples.experiments.ExperimentCommand;
import io.proxytune.examples.training.PretrainCommand;
import io.proxytune.examples.training.TrainFamilyCommand;
import io.proxytune.examples.training.TuneCommand;
import io.proxytune.examples.world.WorldCommand;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Arrays;
import picocli.CommandLine;

/**
 * The commands with what they work on.
 *
 * @param terminal where they read and write
 * @param engine what loads models
 * @param cancellation what ends them early
 */
record App(Terminal terminal, Engine engine, Cancellation cancellation) implements CommandContext {
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
      int status = commandLine(report).execute(args);
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

  private CommandLine commandLine(ErrorReport report) {
    CommandLine commandLine =
        new CommandLine(new RootCommand(this))
            .addSubcommand(new GenerateCommand(this))
            .addSubcommand(new ScoreCommand(this))
            .addSubcommand(new ChooseCommand(this))
            .addSubcommand(new InspectCommand(this))
            .addSubcommand(new ServeCommand(this))
            .addSubcommand(new WorldCommand(this))
            .addSubcommand(new PretrainCommand(this))
            .addSubcommand(new TuneCommand(this))
            .addSubcommand(new TrainFamilyCommand(this))
            .addSubcommand(new EvaluateCommand(this))
            .addSubcommand(new SweepCommand(this))
            .addSubcommand(ExperimentCommand.commandLine(this));
    return commandLine
        // A prompt may begin with @ or -, and is no file or cluster of options for that.
        .setExpandAtFiles(false)
        .setPosixClusteredShortOptionsAllowed(false)
        .setOut(writer(terminal.out()))
        .setErr(writer(terminal.err()))
        .setParameterExceptionHandler((e, args) -> report.badUsage(e))
        .setExecutionExceptionHandler((e, command, parsed) -> report.failed(e));
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, UTF_8), true);
  }
}
