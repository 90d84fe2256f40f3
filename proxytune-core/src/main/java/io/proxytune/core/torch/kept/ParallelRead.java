package io.proxytune.core.torch.kept;

import io.proxytune.core.torch.ProcessMemory;
import io.proxytune.core.torch.Workers;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Reads a part of a file into a tensor, with as many threads as an operator has: one thread alone
 * would be busy with clearing fresh memory and with copying out of the operating system's cache.
 */
final class ParallelRead {
  /** What a thread takes at a time: all stay close together, so that the disk reads ahead. */
  private static final int PIECE_BYTES = 4 << 20;

  private final FileChannel channel;
  private final long offset;
  private final long address;
  private final long bytes;
  private final AtomicLong next = new AtomicLong();

  private ParallelRead(FileChannel channel, long offset, long address, long bytes) {
    this.channel = channel;
    this.offset = offset;
    this.address = address;
    this.bytes = bytes;
  }

  /**
   * Fills a tensor.
   *
   * @param tensor on the CPU, without gaps
   * @param channel an open file
   * @param offset where the tensor's bytes begin
   * @throws IOException if the file can't be read, or ends before
   */
  static void into(Tensor tensor, FileChannel channel, long offset) throws IOException {
    long bytes = tensor.nbytes();
    ParallelRead read =
        new ParallelRead(channel, offset, bytes == 0 ? 0 : tensor.data_ptr().address(), bytes);
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
        piece(at, (int) Math.min(PIECE_BYTES, bytes - at));
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

  private void piece(long at, int count) throws IOException {
    ByteBuffer target = ProcessMemory.at(address + at, count);
    while (target.hasRemaining()) {
      if (channel.read(target, offset + at + target.position()) < 0) {
        throw new EOFException("it ends after " + channel.size() + " bytes");
      }
    }
  }
}
