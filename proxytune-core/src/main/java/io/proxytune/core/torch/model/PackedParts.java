package io.proxytune.core.torch.model;

import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.torch.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Packs a weight's rows in parts, several at once: FBGEMM packs one number after the other. */
final class PackedParts {
  /** So many weights in a part: a call costs microseconds, to read as many hundreds of them. */
  private static final long PART = 1 << 22;

  /** No more, or the C library gives memory that can't be marked for large pages before. */
  private static final long LARGEST_PART = 11L << 20;

  /** FBGEMM's blocks have 16 rows, and LibTorch gives each thread whole ones. */
  private static final long BLOCK = 64;

  /** Gives the work of packing rows. */
  interface Packing<P extends AutoCloseable> {
    /**
     * Prepares it, on the calling thread.
     *
     * @return what packs, on any thread: no operator in it may be parallel; its result is kept
     */
    Callable<P> of(long first, long count);
  }

  private PackedParts() {}

  /** The rows of a small part, of a weight {@code [out, in]}. */
  static long small(Tensor weight) {
    return rows(weight, PART);
  }

  /** The rows of a part where there are as few parts as are packed at once, unless it is huge. */
  static long large(Tensor weight) {
    long each = (weight.numel() + torch.get_num_threads() - 1) / torch.get_num_threads();
    return rows(weight, Math.max(PART, Math.min(each, LARGEST_PART)));
  }

  private static long rows(Tensor weight, long part) {
    long block = weight.size(1) * BLOCK;
    return Math.max(1, (part + block - 1) / block) * BLOCK;
  }

  /**
   * Packs all rows.
   *
   * @param rows of all parts together
   * @param each of a part
   * @return the parts in order; the caller closes them
   */
  static <P extends AutoCloseable> List<P> of(long rows, long each, Packing<P> packing) {
    List<P> parts = new ArrayList<>();
    try {
      RowChunks.each(
          rows,
          each * torch.get_num_threads(),
          (first, count) -> {
            List<Callable<P>> work = new ArrayList<>();
            for (long from = first; from < first + count; from += each) {
              work.add(packing.of(from, Math.min(each, first + count - from)));
            }
            Workers.all(work, parts::add);
          });
      return List.copyOf(parts);
    } catch (RuntimeException | Error e) {
      parts.forEach(part -> Closeables.quietly(e, part));
      throw e;
    }
  }
}
