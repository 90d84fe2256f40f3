package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys and values of one sequence. What was opened empty, or copied, has memory for all its
 * tokens from the beginning. A fork reads the first tokens where they are, and has memory of its
 * own, which grows, for those behind them: {@link #parts()} are what it reads of others, in their
 * order. Nothing that a fork reads is written again: whoever would, copies it first.
 *
 * <p>Where windows slide, layers with one keep the tokens that the next can see and some before
 * them: {@link #holds} tells from where a sequence can go on. A pass that reads more than they have
 * room for takes more until it {@linkplain #shrink ends}.
 *
 * <p>For one thread at a time, and but for {@link #close()}, for the one that computes.
 */
final class KvCache implements AutoCloseable {
  /** Kernels that read whole blocks may read up to the next multiple of this. */
  static final int BLOCK = 64;

  /** Fewer tokens are copied: attending to them apart would take longer than it saves memory. */
  static final int LEAST_SHARED = 64;

  /** Forks of forks copy what goes beyond so many parts. */
  private static final int MOST_PARTS = 4;

  /** The start of windows of which nothing is there. */
  private static final int NOTHING = Integer.MAX_VALUE;

  private static final Logger logger = LoggerFactory.getLogger(KvCache.class);

  private final KvLayout layout;
  private final int capacity;
  private List<KvMemory> parts;
  private int start; // tokens in those
  private KvMemory own; // from the start on; in layers that forks do not share, see firstOfOwn
  private int lent; // first tokens of it that forks may read
  private int windowStart; // the first token in layers whose windows slide

  private KvCache(KvLayout layout, int capacity, List<KvMemory> parts, int room) {
    this.layout = layout;
    this.capacity = capacity;
    this.parts = parts;
    this.start = tokens(parts);
    this.own =
        KvMemory.of(
            room,
            layout.layers().size(),
            i ->
                layout.allocate(
                    i, layout.layers().get(i).shares() ? room : layout.roomOfOwn(i, capacity)));
  }

  private static int tokens(List<KvMemory> parts) {
    return parts.stream().mapToInt(KvMemory::tokens).sum();
  }

  /** Without tokens. */
  static KvCache empty(KvLayout layout, int capacity) {
    return new KvCache(layout, capacity, List.of(), KvLayout.room(capacity));
  }

  /** Whether all that a token at a position sees is there, provided that what is before it is. */
  boolean holds(int position) {
    return windowStart <= layout.firstSeen(position);
  }

  /** The same first tokens, which it {@link #holds}, in memory of their own. */
  KvCache copy(int tokens, int copyCapacity) {
    return empty(layout, copyCapacity).filledFrom(this, tokens);
  }

  /** The same first tokens, which it {@link #holds}, read where they are where that is worth it. */
  KvCache fork(int tokens, int forkCapacity) {
    if (!layout.shares() || tokens < LEAST_SHARED) {
      return copy(tokens, forkCapacity);
    }
    List<KvMemory> shared = new ArrayList<>();
    KvCache fork;
    try {
      share(tokens, shared);
      int behind = tokens - tokens(shared);
      fork = new KvCache(layout, forkCapacity, shared, KvLayout.smallRoom(behind));
    } catch (RuntimeException | Error e) {
      shared.forEach(KvMemory::close);
      throw e;
    }
    return fork.filledFrom(this, tokens);
  }

  private void share(int tokens, List<KvMemory> shared) {
    addFirst(tokens, shared);
    int behind = tokens - tokens(shared);
    if (behind >= LEAST_SHARED && shared.size() < MOST_PARTS) {
      shared.add(own.first(behind, layout));
      lent = Math.max(lent, behind);
    }
  }

  /** Adds what the parts have of the first tokens. */
  private void addFirst(int tokens, List<KvMemory> shared) {
    int left = tokens;
    for (KvMemory part : parts) {
      int count = Math.min(part.tokens(), left);
      if (count > 0) {
        shared.add(part.first(count, layout));
        left -= count;
      }
    }
  }

  /** This cache, with another's first tokens as far as they are not shared. */
  private KvCache filledFrom(KvCache other, int tokens) {
    try {
      windowStart = Math.max(other.windowStart, layout.firstKept(tokens));
      for (int layer = 0; layer < layout.layers().size(); layer++) {
        int first = firstOfOwn(layer);
        if (tokens > first) {
          other.copyTo(own.layer(layer).narrow(1, 0, tokens - first), layer, 0, first);
        }
      }
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Fills {@code [heads, tokens, headDim]} with some heads' tokens from a position on. */
  private void copyTo(Tensor target, int layer, long firstHead, int first) {
    int end = first + (int) target.size(1);
    int position = 0;
    if (isShared(layer)) {
      for (KvMemory part : parts) {
        Tensor heads = part.layer(layer).narrow(0, firstHead, target.size(0));
        copyTo(target, heads, position, first, Math.min(end, position + part.tokens()));
        position += part.tokens();
      }
    }
    position = slides(layer) ? windowStart : position;
    copyTo(target, own.layer(layer).narrow(0, firstHead, target.size(0)), position, first, end);
  }

  /** Copies what a source that begins at a position has of {@code [first, end)}. */
  private static void copyTo(Tensor target, Tensor source, int position, int first, int end) {
    int from = Math.max(first, position);
    if (from < end) {
      target
          .narrow(1, from - first, end - from)
          .copy_(source.narrow(1, from - position, end - from));
    }
  }

  /** Makes room for tokens from a position on, and forgets what lies behind it. */
  void prepare(int position, int count) {
    if (position < start) {
      cut(position);
    }
    int first = position - start;
    if (first < lent || first + count > own.tokens()) {
      replace(first, first + count);
    }
    if (layout.slides()) {
      slide(position, position + count);
    }
  }

  /** Makes room in layers whose windows slide. */
  private void slide(int position, int end) {
    windowStart = position == 0 ? 0 : windowStart;
    long room = own.least(this::slides);
    if (end - windowStart <= room) {
      return;
    }
    int next = nextWindowStart(position);
    if (end - next > room) {
      moveWindows(position, KvLayout.room(end - next));
      return;
    }
    int kept = position - next;
    int from = next - windowStart;
    windowStart = NOTHING; // should memory for a copy be missing
    for (int i = 0; i < layout.layers().size(); i++) {
      if (slides(i)) {
        Tensor store = own.layer(i);
        store.narrow(1, 0, kept).copy_(store.narrow(1, from, kept).clone()); // they may overlap
      }
    }
    windowStart = next;
  }

  /**
   * Gives back the room that a pass took in layers whose windows slide, where it read more tokens
   * than they keep.
   *
   * @param position the end of the pass
   */
  void shrink(int position) {
    if (!layout.slides() || own.least(this::slides) <= layout.roomOfWindows(capacity)) {
      return;
    }
    try {
      moveWindows(position, layout.roomOfWindows(capacity));
    } catch (RuntimeException e) {
      // The pass was good, and what it took stays until the end of the next one.
      logger.debug("No memory to move what sliding windows keep into less room", e);
    }
  }

  private int nextWindowStart(int position) {
    return Math.max(windowStart, layout.firstKept(position));
  }

  /** Moves what a token at a position needs into other memory; changes nothing where it fails. */
  private void moveWindows(int position, int room) {
    int next = nextWindowStart(position);
    int from = next - windowStart;
    KvMemory old = own;
    own = old.with(old.tokens(), this::slides, i -> moved(i, room, from, position - next));
    old.close();
    windowStart = next;
  }

  /** Other memory of a layer, with some of its tokens from the begin on. */
  private Tensor moved(int layer, int room, int from, int kept) {
    Tensor after = layout.allocate(layer, room);
    after.narrow(1, 0, kept).copy_(own.layer(layer).narrow(1, from, kept));
    return after;
  }

  private void cut(int position) {
    List<KvMemory> kept = new ArrayList<>();
    try {
      addFirst(position, kept);
    } catch (RuntimeException | Error e) {
      kept.forEach(KvMemory::close);
      throw e;
    }
    parts.forEach(KvMemory::close);
    parts = kept;
    start = position;
  }

  /** Other memory with the first tokens of the own, in layers that forks share. */
  private void replace(int tokens, int end) {
    int room =
        parts.isEmpty()
            ? KvLayout.room(capacity)
            : KvLayout.smallRoom(Math.min(capacity - start, Math.max(end, 2 * own.tokens())));
    KvMemory old = own;
    own = old.with(room, i -> layout.layers().get(i).shares(), i -> moved(i, room, 0, tokens));
    lent = 0;
    old.close();
  }

  /** What is read of others, from the first token on. */
  List<KvMemory> parts() {
    return parts;
  }

  /** How many tokens those have. */
  int start() {
    return start;
  }

  /** What lies behind them. */
  KvMemory own() {
    return own;
  }

  /** Whether a layer's first tokens are in {@link #parts()}. */
  boolean isShared(int layer) {
    return !parts.isEmpty() && layout.layers().get(layer).shares();
  }

  /** The first token in layers whose windows slide. */
  int windowStart() {
    return windowStart;
  }

  private boolean slides(int layer) {
    return layout.layers().get(layer).slides();
  }

  private int firstOfOwn(int layer) {
    return isShared(layer) ? start : slides(layer) ? windowStart : 0;
  }

  /** Writes keys and values, {@code [2 · kvHeads, tokens, headDim]}, from a position on. */
  void write(int layer, int position, Tensor keysAndValues) {
    own.layer(layer)
        .narrow(1, position - firstOfOwn(layer), keysAndValues.size(1))
        .copy_(keysAndValues);
  }

  /** Keys of a layer at the positions {@code [first, end)}: {@code [kvHeads, tokens, headDim]}. */
  Tensor keys(int layer, long first, long end) {
    return half(layer, 0, first, end);
  }

  /** Values of a layer at the positions {@code [first, end)}, shaped like keys. */
  Tensor values(int layer, long first, long end) {
    return half(layer, 1, first, end);
  }

  private Tensor half(int layer, long half, long first, long end) {
    int before = firstOfOwn(layer);
    return isShared(layer)
        ? assembled(layer, half, first, end)
        : own.view(layer, half, first - before, end - before);
  }

  /** One after the other, with zeros where there is no room for tokens. */
  private Tensor assembled(int layer, long half, long first, long end) {
    KvLayout.Layer of = layout.layers().get(layer);
    long[] shape = {of.kvHeads(), end - first, of.headDim()};
    Tensor all = torch.zeros(shape, own.layer(layer).options());
    long there = Math.min(end, (long) start + own.tokens());
    copyTo(all.narrow(1, 0, there - first), layer, half * of.kvHeads(), (int) first);
    return all;
  }

  /** The bytes of the own memory. */
  long ownBytes() {
    return own.bytes();
  }

  @Override
  public void close() {
    own.close();
    parts.forEach(KvMemory::close);
  }
}
