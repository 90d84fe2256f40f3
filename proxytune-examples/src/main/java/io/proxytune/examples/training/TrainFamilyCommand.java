package io.proxytune.examples.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.training.TrainingProgress;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.OutputOptions;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the miniature family: its world and its five models. */
@Command(
    name = "train-family",
    description = "Makes the miniature family from nothing: its world, and five models.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class)
public final class TrainFamilyCommand implements Callable<Integer> {
  private final CommandContext context;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder to make; the same command goes on with one that is not complete.")
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the weights and of the order of the data; 1 if not given.")
  private long seed = 1;

  @Option(
      names = "--world-seed",
      paramLabel = "N",
      description = "Another number makes another world; 1 if not given.")
  private long worldSeed = 1;

  @Option(
      names = "--quick",
      description = "Tiny models and a few steps, to try the way; they know nothing.")
  private boolean quick;

  @Option(
      names = "--threads",
      paramLabel = "COUNT",
      description = "CPU threads inside an operation; the physical cores are best.")
  private @Nullable Integer threads;

  @Mixin private final OutputOptions output = new OutputOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  public TrainFamilyCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (threads != null) {
      Usage.check(threads >= 1, "--threads must be >= 1, got %s", threads);
      context.engine().setThreads(threads);
    }
    FamilyRecipe recipe = quick ? FamilyRecipe.quick() : FamilyRecipe.shipped();
    Map<Stage, StageFigures> figures;
    try (Monitor monitor = new Monitor()) {
      figures = new FamilyTrainer(out, recipe, seed, worldSeed, monitor).train();
    }
    if (figures.size() < Stage.values().length) {
      TrainingSummary.interrupted(context.terminal().err(), "the family in " + out);
      throw new CancellationException("interrupted");
    }
    if (output.json()) {
      context.terminal().out().println(json(figures));
    } else {
      figures.forEach((stage, of) -> context.terminal().out().println(line(stage, of)));
      context.terminal().out().println("Written to " + out);
    }
    return 0;
  }

  private ObjectNode json(Map<Stage, StageFigures> figures) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("folder", out.toString());
    ObjectNode models = json.put("seed", seed).put("world_seed", worldSeed).putObject("models");
    figures.forEach(
        (stage, of) ->
            models
                .putObject(stage.folder())
                .put("steps", of.steps())
                .put("tokens", of.tokens())
                .put("seconds", of.seconds())
                .put("loss", of.loss())
                .put("held_out_loss", of.heldOutLoss()));
    return json;
  }

  private static String line(Stage stage, StageFigures figures) {
    return String.format(
        Locale.ROOT,
        "%-12s %,6d steps %,11d tokens %8s  loss %.3f  held out %.3f",
        stage.folder(),
        figures.steps(),
        figures.tokens(),
        Durations.text(Duration.ofMillis(Math.round(figures.seconds() * 1e3))),
        figures.loss(),
        figures.heldOutLoss());
  }

  /** Shows a bar for each model, with the time that is left of all. */
  private final class Monitor implements FamilyListener, AutoCloseable {
    private TrainingMonitor current = new TrainingMonitor(context, "", true);

    @Override
    public void onStage(Stage stage, boolean complete) {
      current.close();
      PrintStream err = context.terminal().err();
      if (complete && !output.quiet()) {
        err.println(stage.folder() + ": complete, passed over");
      }
      current = new TrainingMonitor(context, stage.folder(), output.quiet());
    }

    @Override
    public void onStep(Stage stage, TrainingProgress progress, Duration remaining) {
      current.onStep(progress, remaining);
    }

    @Override
    public boolean stopRequested() {
      return current.stopRequested();
    }

    @Override
    public void close() {
      current.close();
    }
  }
}
