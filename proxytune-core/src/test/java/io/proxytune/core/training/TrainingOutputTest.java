package io.proxytune.core.training;

import static io.proxytune.core.training.TrainingTest.OPTIONS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.TinyLlama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the output of a training goes, and what else may be there. */
class TrainingOutputTest {
  @TempDir Path scratch;
  private Path checkpoint;
  private final TrainingData data = TrainingTest.counting();

  @BeforeEach
  void writeCheckpoint() throws IOException {
    checkpoint = new TinyLlama().write(Files.createDirectory(scratch.resolve("source")));
  }

  private TrainingReport tune(TrainingOptions options, Path output) {
    return tune(options, output, TrainingListener.none());
  }

  private TrainingReport tune(TrainingOptions options, Path output, TrainingListener listener) {
    return Training.tune(checkpoint, data, options, output, listener);
  }

  @Test
  void aFolderThatIsNotEmptyIsRefusedOrFilesInItReplaced() throws IOException {
    Path output = Files.createDirectory(scratch.resolve("full"));
    Files.writeString(output.resolve("README.md"), "mine");
    assertThatThrownBy(() -> tune(OPTIONS, output))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not empty");
    tune(OPTIONS.withOverwrite(true), output);
    assertThat(output.resolve("README.md")).hasContent("mine");
    assertThat(output.resolve("model.safetensors")).exists();
  }

  /** Such a folder can't be made when the training is done. */
  @Test
  void anOutputThatIsALinkToNothingIsRefusedBeforeTheFirstStep() throws IOException {
    Path output = Files.createSymbolicLink(scratch.resolve("link"), scratch.resolve("nowhere"));
    List<Integer> steps = new ArrayList<>();
    assertThatThrownBy(() -> tune(OPTIONS, output, progress -> steps.add(progress.step())))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("link is a link that leads nowhere");
    assertThat(steps).isEmpty();
    assertThat(scratch.resolve("link.training")).doesNotExist();
  }

  @Test
  void aFolderOfTheStatesNameThatIsTheUsersStays() throws IOException {
    Path mine = Files.createDirectory(scratch.resolve("m.training"));
    Path chats = Files.writeString(mine.resolve("chats.jsonl"), "mine");
    assertThatThrownBy(() -> tune(OPTIONS, scratch.resolve("m")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("chats.jsonl");
    assertThat(chats).hasContent("mine");
    assertThat(scratch.resolve("m")).doesNotExist();
  }

  @Test
  void anEmptyPathIsNoOutput() {
    assertThatThrownBy(() -> tune(OPTIONS, Path.of("")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("output folder is empty");
  }

  @Test
  void aSecondTrainingWithTheSameOutputIsRefusedMeanwhile() {
    Path output = scratch.resolve("twice");
    List<Throwable> refusals = new ArrayList<>();
    tune(
        OPTIONS.withSteps(2),
        output,
        progress -> {
          try {
            tune(OPTIONS, output);
          } catch (CheckpointException e) {
            refusals.add(e);
          }
        });
    assertThat(refusals)
        .hasSize(2)
        .allSatisfy(e -> assertThat(e).hasMessageContaining("another training uses"));
    assertThat(output.resolve("model.safetensors")).exists();
  }

  @Test
  void theCheckpointThatIsTunedIsNoOutput() throws IOException {
    byte[] before = Files.readAllBytes(checkpoint.resolve("model.safetensors"));
    Path link = Files.createSymbolicLink(scratch.resolve("link"), checkpoint);
    for (Path output : List.of(checkpoint, link)) {
      assertThatThrownBy(() -> tune(OPTIONS.withOverwrite(true), output))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("is the checkpoint that is tuned");
    }
    assertThat(checkpoint.resolve("model.safetensors")).hasBinaryContent(before);
  }

  @Test
  void aCompleteOutputThatCouldNotBeMovedIsMovedByTheNextCall() throws IOException {
    Path output = scratch.resolve("blocked");
    TrainingOptions options = OPTIONS.withOverwrite(true);
    Path obstacle = Files.createDirectories(output.resolve("model.safetensors/full"));
    assertThatThrownBy(() -> tune(options, output))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("cannot write");
    Files.delete(obstacle);
    List<Integer> steps = new ArrayList<>();
    TrainingReport report = tune(options, output, progress -> steps.add(progress.step()));
    assertThat(steps).isEmpty();
    assertThat(report.complete()).isTrue();
    assertThat(report.losses()).hasSize(12);
    assertThat(TrainingTest.next(output, 5, 6, 7)).isBetween(0, 15);
    assertThat(scratch.resolve("blocked.training")).doesNotExist();
  }
}
