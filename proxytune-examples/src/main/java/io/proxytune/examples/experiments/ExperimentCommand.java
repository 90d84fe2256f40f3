package io.proxytune.examples.experiments;

import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.VerboseOption;
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
        "The first experiments of the method: offset, synthetic, sentiment or quantization.",
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
    return new CommandLine(new ExperimentCommand())
        .addSubcommand(new OffsetCommand(context))
        .addSubcommand(new SyntheticCommand(context))
        .addSubcommand(new SentimentCommand(context))
        .addSubcommand(new QuantizationCommand(context));
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "name an experiment: offset, synthetic, sentiment or quantization");
  }
}
