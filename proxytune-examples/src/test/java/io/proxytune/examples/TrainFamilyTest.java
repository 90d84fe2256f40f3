package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.TorchModels;
import io.proxytune.core.training.TrainingProgress;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.training.FamilyListener;
import io.proxytune.examples.training.FamilyRecipe;
import io.proxytune.examples.training.FamilyTrainer;
import io.proxytune.examples.training.Stage;
import io.proxytune.examples.training.StageFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole family, of tiny models, through its command. */
@Tag("slow")
class TrainFamilyTest {
  @TempDir private static Path folder;

  private static Path family;
  private static CliRun first;

  @BeforeAll
  static void train() {
    family = folder.resolve("family");
    first = run("train-family", "--quick", "--out", family.toString());
  }

  private static CliRun run(String... args) {
    return CliRun.of(new TorchEngine(), args);
  }

  @Test
  void everyModelIsReportedAndProgressGoesToStandardError() {
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.out()).contains("small ", "expert ", "expert-lora ", "base ", "base-tuned ");
    assertThat(first.err()).contains("base: step 6 of 6, loss ");
  }

  @ParameterizedTest
  @EnumSource
  void aModelHasItsCardLicenceAndLosses(Stage stage) throws IOException {
    Path model = family.resolve(stage.folder());
    assertThat(Files.readString(model.resolve("README.md")))
        .contains("license: apache-2.0", "train-family --seed 1 --world-seed 1 --quick", "steps |")
        .contains("What it is not for");
    assertThat(Files.readString(model.resolve("LICENSE"))).contains("Apache License");
    assertThat(Files.readAllLines(family.resolve(stage.folder() + "-loss.csv")))
        .hasSizeGreaterThan(3);
    boolean tuned = stage != Stage.BASE && stage != Stage.SMALL;
    assertThat(Files.exists(model.resolve("chat_template.jinja"))).isEqualTo(tuned);
  }

  @Test
  void theModelsHaveTheShapesOfTheRecipe() {
    CheckpointSummary base = TorchModels.inspect(family.resolve("base"));
    assertThat(base.layers()).isEqualTo(2);
    assertThat(base.contextLength()).isEqualTo(128);
    assertThat(TorchModels.inspect(family.resolve("small")).layers()).isEqualTo(1);
  }

  @Test
  void theModelsSteerEachOther() {
    CliRun run =
        run(
            "generate",
            "--base",
            family.resolve("base").toString(),
            "--expert",
            family.resolve("expert").toString(),
            "--anti-expert",
            family.resolve("small").toString(),
            "--chat",
            "--prompt",
            "Where does Mira Toll live?",
            "--max-new-tokens",
            "5",
            "--json");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.json().path("stats").path("generated_tokens").asInt()).isPositive();
  }

  @Test
  void whatIsCompleteIsPassedOver() throws IOException {
    Object before = Files.getLastModifiedTime(family.resolve("base/model.safetensors"));
    CliRun again = run("train-family", "--quick", "--out", family.toString());
    assertThat(again.status()).isZero();
    assertThat(again.out()).isEqualTo(first.out());
    assertThat(again.err()).contains("base-tuned: complete, passed over").doesNotContain("step");
    assertThat(Files.getLastModifiedTime(family.resolve("base/model.safetensors")))
        .isEqualTo(before);
  }

  @Test
  void anotherSeedOrRecipeNeedsAnotherFolder() {
    CliRun other = run("train-family", "--quick", "--seed", "2", "--out", family.toString());
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err()).contains("family.json", "another family", "--out");
    assertThat(run("train-family", "--out", family.toString()).status()).isEqualTo(2);
  }

  @Test
  void jsonHasTheFiguresOfEveryModel() {
    CliRun run = run("train-family", "--quick", "--json", "--out", family.toString());
    JsonNode models = run.json().path("models");
    assertThat(run.err()).isEmpty();
    assertThat(models).hasSize(5);
    assertThat(models.path("base").path("steps").asInt()).isEqualTo(6);
    assertThat(models.path("expert").path("held_out_loss").asDouble()).isPositive();
  }

  @Test
  void stoppedAnywhereItGoesOnToTheSameWeights() throws IOException {
    Path other = folder.resolve("stopped");
    assertThat(trainUntil(other, Stage.EXPERT, 2)).containsOnlyKeys(Stage.SMALL);
    assertThat(trainUntil(other, Stage.BASE, 3))
        .containsOnlyKeys(Stage.SMALL, Stage.EXPERT, Stage.EXPERT_LORA);
    assertThat(run("train-family", "--quick", "--out", other.toString()).status()).isZero();
    for (String model : new String[] {"small", "expert", "base", "base-tuned"}) {
      assertThat(other.resolve(model).resolve("model.safetensors"))
          .hasSameBinaryContentAs(family.resolve(model).resolve("model.safetensors"));
    }
    assertThat(other.resolve("expert-lora/adapter_model.safetensors"))
        .hasSameBinaryContentAs(family.resolve("expert-lora/adapter_model.safetensors"));
  }

  private static Map<Stage, StageFigures> trainUntil(Path out, Stage stage, int step) {
    return new FamilyTrainer(out, FamilyRecipe.quick(), 1, 1, new StopAt(stage, step)).train();
  }

  @Test
  void anInterruptedCommandSaysHowToGoOn() {
    Cancellation cancelled = cancelled();
    String out = folder.resolve("interrupted").toString();
    CliRun run = CliRun.of(new TorchEngine(), cancelled, "", false, "train-family", "--out", out);
    assertThat(run.status()).isEqualTo(130);
    assertThat(run.err()).contains("stopped", "run the same command again to go on");
  }

  /** Its worker is another thread, which is never started: nothing is interrupted. */
  static Cancellation cancelled() {
    Cancellation cancellation = new Cancellation(new Thread(() -> {}));
    cancellation.cancel();
    return cancellation;
  }

  /** Asks for a stop when a stage has done some steps. */
  private static final class StopAt implements FamilyListener {
    private final Stage stage;
    private final int step;
    private boolean reached;

    StopAt(Stage stage, int step) {
      this.stage = stage;
      this.step = step;
    }

    @Override
    public void onStage(Stage stage, boolean complete) {
      assertThat(reached).isFalse();
    }

    @Override
    public void onStep(Stage stage, TrainingProgress progress, Duration remaining) {
      reached |= stage == this.stage && progress.step() == step;
    }

    @Override
    public boolean stopRequested() {
      return reached;
    }
  }

  @Test
  void aFolderOfTheUsersOwnIsLeftAsItIs() throws IOException {
    Path own = Files.createDirectories(folder.resolve("own/base"));
    Path mine = Files.writeString(own.resolve("model.safetensors"), "mine");
    CliRun run = run("train-family", "--quick", "--out", folder.resolve("own").toString());
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("has no family.json").hasLineCount(1);
    assertThat(mine).hasContent("mine");
    assertThat(folder.resolve("own")).isDirectoryNotContaining("glob:**/data");
  }
}
