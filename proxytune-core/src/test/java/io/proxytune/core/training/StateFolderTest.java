package io.proxytune.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
  @TempDir Path scratch;
  private Path folder;

  @BeforeEach
  void nameIt() {
    folder = scratch.resolve("m.training");
  }

  private void refuses(String... words) {
    assertThatThrownBy(() -> StateFolder.claim(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("m.training")
        .hasMessageContaining("give another output folder")
        .hasMessageContainingAll(words);
  }

  @Test
  void whatTrainingDidNotWriteIsRefusedAndStays() throws IOException {
    Files.createDirectories(folder.resolve("output/deep"));
    Files.writeString(folder.resolve("chats.jsonl"), "mine");
    Files.writeString(folder.resolve("progress.json"), "{}");
    refuses("chats.jsonl, output, progress.json", "no mark of a training", "left as it is");
    assertThat(folder.resolve("chats.jsonl")).hasContent("mine");
    assertThat(folder.resolve("progress.json")).hasContent("{}");
    assertThat(folder.resolve("output/deep")).isDirectory();
  }

  @Test
  void aFileAndALinkOfThatNameAreRefused() throws IOException {
    Files.writeString(folder, "mine");
    refuses("it is a file");
    assertThat(folder).hasContent("mine");
    Files.delete(folder);
    Path elsewhere = Files.createDirectory(scratch.resolve("elsewhere"));
    Files.createSymbolicLink(folder, elsewhere);
    refuses("it is a link");
    assertThat(elsewhere).isEmptyDirectory();
    Files.delete(folder);
    Files.createSymbolicLink(folder, scratch.resolve("nowhere"));
    refuses("it is a link");
  }

  @Test
  void aMarkThatIsALinkIsRefused() throws IOException {
    Path foreign = Files.writeString(scratch.resolve("foreign"), "mine");
    Files.createDirectory(folder);
    Files.createSymbolicLink(folder.resolve(".proxytune-training"), foreign);
    refuses("no regular file");
    assertThat(foreign).hasContent("mine");
  }

  @Test
  void onlyFilesOfTrainingAreDeleted() throws IOException {
    Path foreign = Files.createDirectory(scratch.resolve("foreign"));
    Files.writeString(foreign.resolve("config.json"), "mine");
    try (StateFolder state = StateFolder.claim(folder)) {
      Path stage = state.newStage();
      for (String name : List.of("config.json", "model.safetensors", "model.safetensors.tmp")) {
        Files.writeString(stage.resolve(name), "training's");
      }
      Files.writeString(stage.resolve("thesis.tex"), "mine");
      Files.writeString(state.tensors(3), "training's");
      Files.writeString(state.progress(), "training's");
      Files.writeString(folder.resolve("step-by-step.txt"), "mine");
      Files.createSymbolicLink(
          folder.resolve("step-4.safetensors"), foreign.resolve("config.json"));
      Files.createSymbolicLink(folder.resolve("more"), foreign);
      state.delete();
    }
    assertThat(folder.resolve("step-by-step.txt")).hasContent("mine");
    assertThat(folder.resolve("output/thesis.tex")).hasContent("mine");
    assertThat(foreign.resolve("config.json")).hasContent("mine");
    assertThat(folder.resolve("step-3.safetensors")).doesNotExist();
    assertThat(folder.resolve("step-4.safetensors")).doesNotExist();
    assertThat(folder.resolve("progress.json")).doesNotExist();
    assertThat(folder.resolve("output/config.json")).doesNotExist();
    assertThat(folder.resolve("output/model.safetensors.tmp")).doesNotExist();
  }

  @Test
  void anOutputThatIsALinkIsNotEntered() throws IOException {
    Path foreign = Files.createDirectory(scratch.resolve("foreign"));
    Files.writeString(foreign.resolve("config.json"), "mine");
    try (StateFolder state = StateFolder.claim(folder)) {
      Files.createSymbolicLink(state.stage(), foreign);
      assertThatThrownBy(state::newStage)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("its output is no folder");
      state.delete();
    }
    assertThat(foreign.resolve("config.json")).hasContent("mine");
  }

  @Test
  void aFolderInWhichNothingWasSavedGoesAndOneWithStateIsTakenOver() throws IOException {
    StateFolder.claim(folder).close();
    assertThat(folder).doesNotExist();
    try (StateFolder state = StateFolder.claim(folder)) {
      Files.writeString(state.progress(), "{}");
    }
    try (StateFolder state = StateFolder.claim(folder)) {
      assertThat(state.progress()).exists();
      state.delete();
    }
    assertThat(folder).doesNotExist();
  }

  @Test
  void ofManyTrainingsAtOnceOneAloneGetsIt() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 200; round++) {
        AtomicInteger holders = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> claims = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          claims.add(threads.submit(() -> claimOnce(start, holders)));
        }
        start.countDown();
        for (Future<?> claim : claims) {
          claim.get(30, TimeUnit.SECONDS);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private Void claimOnce(CountDownLatch start, AtomicInteger holders) throws Exception {
    start.await();
    try (StateFolder state = StateFolder.claim(folder)) {
      assertThat(holders.incrementAndGet()).isEqualTo(1);
      Files.writeString(state.progress(), "{}");
      assertThat(state.progress()).exists();
      holders.decrementAndGet();
      state.delete();
    } catch (CheckpointException e) {
      assertThat(e)
          .hasMessageContaining("another training uses")
          .hasMessageContaining("m.training");
    }
    return null;
  }
}
