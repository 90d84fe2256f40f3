package io.proxytune.examples.training;

import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
import io.proxytune.core.training.ModelShape;
import io.proxytune.core.training.Training;
import io.proxytune.core.training.TrainingData;
import io.proxytune.core.training.TrainingListener;
import io.proxytune.core.training.TrainingOptions;
import io.proxytune.core.training.TrainingProgress;
import io.proxytune.core.training.TrainingReport;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.world.WorldFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes the whole miniature family in one folder: the world, then a model after the other. What is
 * complete is passed over, so that the same call goes on after an interruption. For one thread.
 */
public final class FamilyTrainer {
  private static final double HELD_OUT_SHARE = 0.02;

  private final Path folder;
  private final FamilyRecipe recipe;
  private final long seed;
  private final WorldFiles world;
  private final FamilyListener listener;
  private final FamilyClock clock;

  /**
   * Prepares a training.
   *
   * @param folder where everything is written
   * @param recipe the settings
   * @param seed of the weights and of the order of the data
   * @param worldSeed of the world
   * @param listener hears how it goes
   */
  public FamilyTrainer(
      Path folder, FamilyRecipe recipe, long seed, long worldSeed, FamilyListener listener) {
    this.folder = folder;
    this.recipe = recipe;
    this.seed = seed;
    this.world = WorldFiles.of(worldSeed);
    this.listener = listener;
    this.clock = new FamilyClock(recipe);
  }

  /**
   * Trains what is not yet complete.
   *
   * @return the figures of every stage; fewer than there are stages if it was stopped
   * @throws IllegalArgumentException if the folder holds a family with other settings, or files
   *     that are none of a family and would be replaced
   * @throws io.proxytune.ProxyTuneException if a model can't be trained or written
   */
  public Map<Stage, StageFigures> train() {
    makeFolder();
    FamilyLog log = FamilyLog.open(folder, seed, world.summary().seed(), recipe);
    if (!log.isWritten()) {
      checkNothingIsLost();
    }
    log.write();
    world.write(folder);
    Map<Stage, StageFigures> figures = new EnumMap<>(Stage.class);
    for (Stage stage : Stage.values()) {
      Optional<StageFigures> known = log.figures(stage);
      listener.onStage(stage, known.isPresent());
      Optional<StageFigures> after = known.isPresent() ? known : train(stage, log);
      if (after.isEmpty()) {
        break;
      }
      figures.put(stage, after.get());
    }
    return figures;
  }

  /** A folder without a log was not begun by this program. */
  private void checkNothingIsLost() {
    List<Path> lost = new ArrayList<>(world.replacedIn(folder));
    for (Stage stage : Stage.values()) {
      Stream.of(output(stage), losses(stage)).filter(Files::exists).forEach(lost::add);
    }
    Usage.check(
        lost.isEmpty(),
        "%s is there, but %s has no family.json: give another --out, or move it away",
        lost.isEmpty() ? "" : lost.get(0),
        folder);
  }

  private void makeFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " can't be made: " + e.getMessage(), e);
    }
  }

  private Optional<StageFigures> train(Stage stage, FamilyLog log) {
    TrainingReport report = stage.tuned() ? tune(stage) : pretrain(stage);
    if (!report.complete()) {
      return Optional.empty();
    }
    LossCurve.of(report).writeCsv(losses(stage));
    StageFigures figures = StageFigures.of(report);
    new ModelCard(stage, recipe, world.summary(), seed, figures).write(output(stage));
    log.put(stage, figures);
    return Optional.of(figures);
  }

  private TrainingReport pretrain(Stage stage) {
    ModelShape shape = stage == Stage.BASE ? recipe.baseShape() : recipe.smallShape();
    Path tokenizer = folder.resolve("tokenizer");
    TrainingData data =
        RawDocuments.read(folder.resolve("data/raw.txt"), tokenizer, shape.contextLength())
            .holdOut(HELD_OUT_SHARE, seed);
    return Training.pretrain(
        FamilyRecipe.withVocabulary(shape, world.summary().vocabulary()),
        tokenizer,
        data,
        options(stage),
        output(stage),
        listenerOf(stage));
  }

  private TrainingReport tune(Stage stage) {
    Path source = output(stage.source());
    TrainingData data = chats(source, recipe.baseShape().contextLength());
    return stage == Stage.EXPERT_LORA
        ? Training.tuneLora(
            source, recipe.lora(), data, tuning(stage), output(stage), listenerOf(stage))
        : Training.tune(source, data, tuning(stage), output(stage), listenerOf(stage));
  }

  private TrainingData chats(Path source, int positions) {
    Tokenizer tokenizer = ChatData.tokenizer(source, Optional.of(template()));
    return TrainingData.of(ChatData.read(folder.resolve("data/tuning.jsonl"), tokenizer, positions))
        .holdOut(HELD_OUT_SHARE, seed);
  }

  /** An output that the log does not name is what an interruption left behind. */
  private TrainingOptions options(Stage stage) {
    return stage.recipe(recipe).options(seed).withOverwrite(true);
  }

  private TrainingOptions tuning(Stage stage) {
    return options(stage).withChatTemplate(template());
  }

  private Path template() {
    return folder.resolve("chat_template.jinja");
  }

  private Path output(Stage stage) {
    return folder.resolve(stage.folder());
  }

  private Path losses(Stage stage) {
    return folder.resolve(stage.folder() + "-loss.csv");
  }

  private TrainingListener listenerOf(Stage stage) {
    return new TrainingListener() {
      @Override
      public void onStep(TrainingProgress progress) {
        listener.onStep(stage, progress, clock.remaining(stage, progress));
      }

      @Override
      public boolean stopRequested() {
        return listener.stopRequested();
      }
    };
  }
}
