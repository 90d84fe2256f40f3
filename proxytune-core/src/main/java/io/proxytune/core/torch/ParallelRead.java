package io.proxytune.core.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Reads a tensor's bytes with as many threads as an operation has: one alone would be busy with
 * clearing fresh memory and with copying out of the operating system's cache of files.
 */
public final class ParallelRead {
  /** What a thread takes at a time: all stay close together, so that the disk reads ahead. */
  private static final int PIECE_BYTES = 4 << 20;

  private final Source source;
  private final long address;
  private final long bytes;
  private final AtomicLong next = new AtomicLong();

  /** Gives bytes. */
  public interface Source {
    /**
     * Reads some, on any thread.
     *
     * @param offset where they begin, counted from the tensor's first
     * @param target takes what remains in it; afterwards nothing does
     * @throws IOException if they can't be read
     */
    void read(long offset, ByteBuffer target) throws IOException;
  }

  private ParallelRead(Source source, long address, long bytes) {
    this.source = source;
    this.address = address;
    this.bytes = bytes;
  }

  /**
   * Fills a tensor.
   *
   * @param tensor on the CPU, without gaps
   * @param source its bytes
   * @throws IOException from the source
   */
  public static void into(Tensor tensor, Source source) throws IOException {
    long bytes = tensor.nbytes();
    if (bytes == 0) {
      return;
    }
    ParallelRead read = new ParallelRead(source, tensor.data_ptr().address(), bytes);
    long pieces = (bytes + PIECE_BYTES - 1) / PIECE_BYTES;
    int threads = (int) Math.min(pieces, torch.get_num_threads());
    try {
      Workers.all(Collections.nCopies(threads, (Callable<Boolean>) read::pieces), done -> {});
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private boolean pieces() {
    try {
      for (long at = nextPiece(); at < bytes; at = nextPiece()) {
        int count = (int) Math.min(PIECE_BYTES, bytes - at);
        source.read(at, ProcessMemory.at(address + at, count));
      }
      return true;
    } catch (IOException e) {
      next.set(bytes); // the others need read no more
      throw new UncheckedIOException(e);
    }
  }

  private long nextPiece() {
    return next.getAndAdd(PIECE_BYTES);
  }
}
