package io.proxytune.examples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Prints in UTF-8 and keeps the first failure of what it prints to, which a {@link PrintStream}
 * swallows: a full disk behind a redirection must not look like success.
 */
public final class ResultStream extends PrintStream {
  private final Recorder recorder;

  /**
   * Prints to a stream.
   *
   * @param target where the bytes go; it throws what goes wrong
   */
  public ResultStream(OutputStream target) {
    this(new Recorder(target));
  }

  private ResultStream(Recorder recorder) {
    super(recorder, false, UTF_8);
    this.recorder = recorder;
  }

  /** What went wrong first, after all that was printed is flushed; null if nothing did. */
  @Nullable IOException failure() {
    flush();
    return recorder.failure;
  }

  /** Remembers what it passes on. */
  private static final class Recorder extends FilterOutputStream {
    private @Nullable IOException failure;

    Recorder(OutputStream target) {
      super(target);
    }

    private interface Action {
      void run() throws IOException;
    }

    @Override
    public void write(int b) throws IOException {
      recording(() -> out.write(b));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      recording(() -> out.write(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
      recording(out::flush);
    }

    private void recording(Action action) throws IOException {
      try {
        action.run();
      } catch (IOException e) {
        failure = failure == null ? e : failure;
        throw e;
      }
    }
  }
}
