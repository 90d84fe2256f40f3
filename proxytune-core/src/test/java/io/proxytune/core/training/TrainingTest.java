package io.proxytune.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.CheckpointException;
import io.proxytune.DeviceException;
import io.proxytune.core.DType;
import io.proxytune.core.TorchModels;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
  static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withSteps(12)
          .withTokensPerStep(64)
          .withLearningRate(2e-2)
          .withWarmUpSteps(2)
          .withHeldOutEvery(5)
          .withSaveStateEvery(4);

  @TempDir Path scratch;
  private Path checkpoint;
  private final TrainingData data = counting();

  @BeforeEach
  void writeCheckpoint() throws IOException {
    checkpoint = new TinyLlama().write(Files.createDirectory(scratch.resolve("source")));
  }

  /** Each id is followed by the next one. */
  static TrainingData counting() {
    List<TrainingSequence> rows = new ArrayList<>();
    Random random = new Random(3);
    for (int row = 0; row < 40; row++) {
      int[] ids = new int[5 + random.nextInt(12)];
      int first = random.nextInt(13);
      for (int i = 0; i < ids.length; i++) {
        ids[i] = 3 + (first + i) % 13;
      }
      rows.add(TrainingSequence.of(ids));
    }
    return TrainingData.of(rows).holdOut(0.2, 1);
  }

  @Test
  void tuningLearnsAndTheCopyLoads() throws IOException {
    Path output = scratch.resolve("tuned");
    TrainingReport report =
        Training.tune(checkpoint, data, OPTIONS.withSteps(60), output, TrainingListener.none());
    assertThat(report.complete()).isTrue();
    assertThat(report.losses()).hasSize(60);
    assertThat(report.heldOutLosses().lastEntry().getKey()).isEqualTo(60);
    assertThat(report.heldOutLosses().lastEntry().getValue())
        .isLessThan(report.heldOutLosses().firstEntry().getValue() / 2);
    assertThat(scratch.resolve("tuned.training")).doesNotExist();
    assertThat(next(output, 5, 6, 7)).isEqualTo(8);
    assertThat(Files.readString(output.resolve("config.json")))
        .isEqualTo(Files.readString(checkpoint.resolve("config.json")));
  }

  /** Every row fills the context; half of its ids are hidden. */
  @Test
  void aBidirectionalModelLearnsWhatIsHidden() throws IOException {
    Path config = checkpoint.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\\{", "{\"is_causal\":false,")
            .replaceFirst("(max_position_embeddings\" *: *)[0-9]+", "$18"));
    List<TrainingSequence> rows = new ArrayList<>();
    Random random = new Random(5);
    for (int row = 0; row < 60; row++) {
      int[] ids = new int[9];
      boolean[] hidden = new boolean[9];
      int first = random.nextInt(13);
      for (int i = 0; i < ids.length; i++) {
        ids[i] = 3 + (first + i) % 13;
        hidden[i] = i > 0 && i % 2 == row % 2;
      }
      rows.add(TrainingSequence.masked(ids, hidden, 0));
    }
    Path output = scratch.resolve("both-sides");
    TrainingReport report =
        Training.tune(
            checkpoint,
            TrainingData.of(rows).holdOut(0.2, 1),
            OPTIONS.withSteps(60).withDType(DType.FLOAT32),
            output,
            TrainingListener.none());
    assertThat(report.heldOutLosses().lastEntry().getValue())
        .isLessThan(report.heldOutLosses().firstEntry().getValue() / 2);
    TrainingData shorter = TrainingData.of(List.of(TrainingSequence.of(4, 5, 6)));
    assertThatThrownBy(
            () -> Training.tune(checkpoint, shorter, OPTIONS, output, TrainingListener.none()))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("sequences[0] takes 2 positions")
        .hasMessageContaining("must fill its context of 8");
  }

  static int next(Path folder, int... ids) {
    try (LogitModel model = TorchModels.load(folder);
        LogitSession session = model.newSession(8);
        Logits logits = model.forward(List.of(new Segment(session, ids, Segment.Rows.LAST)))) {
      float[] row = logits.row(0);
      int best = 0;
      for (int id = 1; id < row.length; id++) {
        best = row[id] > row[best] ? id : best;
      }
      return best;
    }
  }

  /** Stops after some steps. */
  private static TrainingListener stopAfter(int steps) {
    return new TrainingListener() {
      private int done;

      @Override
      public void onStep(TrainingProgress progress) {
        done = progress.step();
      }

      @Override
      public boolean stopRequested() {
        return done == steps;
      }
    };
  }

  @Test
  void aResumedTrainingGivesTheSameBytes() throws IOException {
    Path whole = scratch.resolve("whole");
    Path resumed = scratch.resolve("resumed");
    TrainingReport once = Training.tune(checkpoint, data, OPTIONS, whole, TrainingListener.none());
    TrainingReport stopped = Training.tune(checkpoint, data, OPTIONS, resumed, stopAfter(7));
    assertThat(stopped.complete()).isFalse();
    assertThat(stopped.steps()).isEqualTo(7);
    assertThat(resumed).doesNotExist();
    TrainingReport finished =
        Training.tune(checkpoint, data, OPTIONS, resumed, TrainingListener.none());
    assertThat(finished.losses()).isEqualTo(once.losses());
    assertThat(finished.heldOutLosses()).isEqualTo(once.heldOutLosses());
    assertThat(finished.tokens()).isEqualTo(once.tokens());
    assertThat(resumed.resolve("model.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("model.safetensors"));
  }

  @Test
  void aFailureInTheListenerLeavesTheLastSavedState() throws IOException {
    Path output = scratch.resolve("failed");
    TrainingListener failing =
        progress -> {
          if (progress.step() == 10) {
            throw new IllegalStateException("power cut");
          }
        };
    assertThatThrownBy(() -> Training.tune(checkpoint, data, OPTIONS, output, failing))
        .hasMessage("power cut");
    List<Integer> steps = new ArrayList<>();
    Training.tune(checkpoint, data, OPTIONS, output, progress -> steps.add(progress.step()));
    assertThat(steps).containsExactly(9, 10, 11, 12);
  }

  /** Each kind of damage to a state is refused as what it is, and stays for its owner to see. */
  @Test
  void aDamagedStateIsRefused() throws IOException {
    Path output = scratch.resolve("damaged");
    Training.tune(checkpoint, data, OPTIONS, output, stopAfter(7));
    Path progress = scratch.resolve("damaged.training").resolve("progress.json");
    String whole = Files.readString(progress);
    List<String> damaged =
        List.of(
            "",
            "null",
            "{}",
            "[]",
            "{\"step\": 1",
            whole + "}",
            whole.replace("\"step\":7", "\"step\":6"),
            whole.replace("\"step\":7", "\"step\":-7"),
            whole.replace("\"step\":7", "\"step\":\"seven\""),
            whole.replaceFirst("\"losses\":\\[[^,]*,", "\"losses\":[null,"));
    assertThat(damaged).doesNotContain(whole).doesNotHaveDuplicates();
    for (String text : damaged) {
      Files.writeString(progress, text);
      assertDamaged(output, "progress.json is damaged: ");
      assertThat(progress).hasContent(text);
    }
    Files.writeString(progress, whole);
    Path tensors = progress.resolveSibling("step-7.safetensors");
    Files.copy(
        checkpoint.resolve("model.safetensors"), tensors, StandardCopyOption.REPLACE_EXISTING);
    assertDamaged(output, "step-7.safetensors is damaged: its tensors are not the state of");
    Files.delete(tensors);
    assertDamaged(output, "step-7.safetensors is damaged: it is not there");
  }

  private void assertDamaged(Path output, String problem) {
    assertThatThrownBy(
            () -> Training.tune(checkpoint, data, OPTIONS, output, TrainingListener.none()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(problem)
        .hasMessageContaining("delete its folder to begin training anew")
        .hasMessageNotContaining("Source:");
  }

  @Test
  void anInterruptStopsAndStaysSet() {
    Path output = scratch.resolve("interrupted");
    TrainingReport report =
        Training.tune(
            checkpoint,
            data,
            OPTIONS,
            output,
            progress -> {
              if (progress.step() == 3) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.steps()).isEqualTo(3);
    assertThat(report.complete()).isFalse();
  }

  @Test
  void aStateOfOtherOptionsIsRefused() {
    Path output = scratch.resolve("other");
    Training.tune(checkpoint, data, OPTIONS, output, stopAfter(2));
    assertThatThrownBy(
            () ->
                Training.tune(
                    checkpoint, data, OPTIONS.withSeed(9), output, TrainingListener.none()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("other.training")
        .hasMessageContaining("delete the folder");
  }

  @Test
  void anAdapterIsWrittenInPeftsLayout() throws IOException {
    Path output = scratch.resolve("adapter");
    LoraOptions lora = LoraOptions.defaults().withRank(2).withTargetModules(Set.of("q_proj"));
    TrainingReport report =
        Training.tuneLora(
            checkpoint,
            lora,
            data,
            OPTIONS.withSteps(40).withDType(DType.FLOAT32),
            output,
            TrainingListener.none());
    assertThat(report.losses().get(39)).isLessThan(report.losses().get(0));
    assertThat(
            io.proxytune.core.checkpoint.SafetensorsFile.read(
                    output.resolve("adapter_model.safetensors"))
                .keySet())
        .containsExactly(
            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
            "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
            "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight",
            "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight");
    assertThat(Files.readString(output.resolve("adapter_config.json")))
        .contains("\"r\" : 2", "\"q_proj\"", "\"peft_type\" : \"LORA\"");
    String name = output.relativize(checkpoint).toString().replace('\\', '/');
    assertThat(name).startsWith("../");
    assertThat(Files.readString(output.resolve("adapter_config.json")))
        .contains("\"base_model_name_or_path\" : \"" + name + "\"");
  }

  @Test
  void aChatTemplateGoesWithTheOutput() throws IOException {
    Path template = Files.writeString(scratch.resolve("own.jinja"), "{{ messages[0].content }}");
    Path output = scratch.resolve("chat");
    Training.tune(
        checkpoint, data, OPTIONS.withChatTemplate(template), output, TrainingListener.none());
    assertThat(output.resolve("chat_template.jinja")).hasContent("{{ messages[0].content }}");
  }

  @Test
  void theRateRisesAndFalls() {
    List<Double> rates = new ArrayList<>();
    Training.tune(
        checkpoint,
        data,
        OPTIONS.withSteps(5).withLearningRate(0.01),
        scratch.resolve("rates"),
        progress -> rates.add(progress.learningRate()));
    double[] expected = {0.005, 0.01, 0.01, 0.02 / 3, 0.01 / 3}; // as in the golden script
    for (int i = 0; i < expected.length; i++) {
      assertThat(rates.get(i)).isCloseTo(expected[i], within(1e-12));
    }
  }

  @Test
  void aStepThatDoesNotFitIntoMemoryIsRefusedWithFigures() {
    TrainingOptions huge = OPTIONS.withTokensPerStep(Integer.MAX_VALUE);
    assertThatThrownBy(
            () ->
                Training.tune(
                    checkpoint, data, huge, scratch.resolve("x"), TrainingListener.none()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("training does not fit")
        .hasMessageContaining("trained parameters")
        .hasMessageContaining("withTokensPerStep");
  }

  @Test
  void sequencesThatTheModelCannotReadAreRefused() {
    TrainingData wide = TrainingData.of(List.of(TrainingSequence.of(1, 16)));
    assertThatThrownBy(
            () ->
                Training.tune(
                    checkpoint, wide, OPTIONS, scratch.resolve("x"), TrainingListener.none()))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("sequences[0] has the token id 16, but the model has 16 ids");
    TrainingData longer = TrainingData.of(List.of(TrainingSequence.of(new int[66])));
    assertThatThrownBy(
            () ->
                Training.tune(
                    checkpoint, longer, OPTIONS, scratch.resolve("x"), TrainingListener.none()))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("takes 65 positions, more than the model's context of 64");
  }
}
