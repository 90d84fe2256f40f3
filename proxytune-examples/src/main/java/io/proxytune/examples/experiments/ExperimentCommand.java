package io.proxytune.examples.experiments;

import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.study.Studies;
import io.proxytune.examples.study.Study;
import io.proxytune.examples.study.StudyCommand;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the experiments. */
@Command(
    name = "experiment",
    description =
        "Experiments on the method: the first four look at it, the others answer a question each.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class)
public final class ExperimentCommand implements Callable<Integer> {
  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  private ExperimentCommand() {}

  /** The command with its experiments. */
  public static CommandLine commandLine(CommandContext context) {
    CommandLine commandLine =
        new CommandLine(new ExperimentCommand())
            .addSubcommand(new OffsetCommand(context))
            .addSubcommand(new SyntheticCommand(context))
            .addSubcommand(new SentimentCommand(context))
            .addSubcommand(new QuantizationCommand(context));
    for (Study study : Studies.all()) {
      add(commandLine, study.plan().name(), study.plan().question(), context, List.of(study));
    }
    add(commandLine, "all", "All that answer a question.", context, Studies.all());
    return commandLine;
  }

  private static void add(
      CommandLine commandLine,
      String name,
      String description,
      CommandContext context,
      List<Study> studies) {
    CommandLine study = new CommandLine(new StudyCommand(context, studies));
    study.getCommandSpec().usageMessage().description(description.replace("%", "%%"));
    commandLine.addSubcommand(name, study);
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "name an experiment: " + String.join(", ", spec.subcommands().keySet()));
  }
}
