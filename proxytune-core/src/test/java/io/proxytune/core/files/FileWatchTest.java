package io.proxytune.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {
  @TempDir Path folder;

  /** However soon after another, a write is told from it. */
  @RepeatedTest(20)
  void seesAWriteOfTheSameSizeAtOnce() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "1");
    FileWatch watch = new FileWatch();
    assertThat(watch.watch(file)).isEqualTo(file);
    watch.requireUnchanged();
    Files.writeString(file, "2");

    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(watch::requireUnchanged)
        .withMessageContaining(file + " changed since it was opened");
  }

  @Test
  void seesALinkThatLeadsElsewhere() throws IOException {
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, Files.writeString(folder.resolve("a"), "1"));
    FileWatch watch = new FileWatch();
    watch.watch(link);
    Files.delete(link);
    Files.createSymbolicLink(link, Files.writeString(folder.resolve("b"), "1"));

    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(watch::requireUnchanged)
        .withMessageContaining("another file took its place");
  }

  @Test
  void readingAndOtherFilesChangeNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "1");
    FileWatch watch = new FileWatch();
    watch.watch(file);
    watch.watch(folder.resolve("none"));
    Files.readString(file);
    Files.writeString(folder.resolve("b"), "1");
    assertThatCode(watch::requireUnchanged).doesNotThrowAnyException();
  }

  /** A clock that was wrong when the file was written. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.SECONDS)
  void aTimeInTheFutureIsNotWaitedFor() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "1");
    Files.setLastModifiedTime(
        file, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 3_600_000));
    FileWatch watch = new FileWatch();
    watch.watch(file);
    watch.requireUnchanged();
  }

  @Test
  void explainsAFailureByAChange() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "1");
    FileWatch watch = new FileWatch();
    watch.watch(file);
    CheckpointException failure = new CheckpointException("broken");
    assertThat(watch.explain(failure)).isSameAs(failure);
    Files.delete(file);
    assertThat(watch.explain(failure))
        .hasMessageContaining("it is gone")
        .hasSuppressedException(failure);
  }

  @Test
  void bytesAreReadFromAnyPlaceAndUnderAnInterrupt() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "0123456789");
    ByteBuffer target = ByteBuffer.allocate(6).position(1).limit(5);
    Thread.currentThread().interrupt();
    FileBytes.read(file, 3, target);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(target.hasRemaining()).isFalse();
    assertThat(new String(target.array(), 1, 4, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("3456");
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> FileBytes.read(file, 7, ByteBuffer.allocate(4)))
        .withMessageContaining("ends after 10 bytes");
  }

  @Test
  void aFileThatNeverComesToRestIsNotWaitedForForEver() throws Exception {
    Path file = Files.writeString(folder.resolve("busy"), "0");
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger written = new AtomicInteger();
    Thread writer =
        new Thread(
            () -> {
              while (!done.get()) {
                try {
                  Files.writeString(file, Integer.toString(written.incrementAndGet()));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            });
    writer.start();
    try {
      FileWatch watch = new FileWatch();
      watch.watch(file);
      Thread.sleep(20); // longer than a file system's clock stands still
      int before = written.get();
      while (written.get() < before + 2) { // so that one was wholly written since
        Thread.sleep(1);
      }
      assertThatThrownBy(watch::requireUnchanged).hasMessageContaining("busy changed since");
    } finally {
      done.set(true);
      writer.join();
    }
  }
}
