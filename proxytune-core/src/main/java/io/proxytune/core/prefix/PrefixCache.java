package io.proxytune.core.prefix;

import io.proxytune.PrefixCacheStats;
import io.proxytune.core.lifetime.SpareMemory;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions that have read something, kept up to a number of bytes. A prompt finds the one that
 * shares the most of its first tokens, and begins with a copy of it. What was used least recently
 * goes first, and all goes where memory is short. Safe for use by several threads.
 *
 * <p><b>The same to the bit.</b> How a product rounds a row depends on how many rows it has, where
 * they are few, and attention takes rows in blocks. So a prompt begins behind whole blocks; and
 * what is left of it is read in passes that end as if all of it were read: with many tokens, or
 * with just as few. So float32, bfloat16 and 8 bits were seen to be the same to the bit with
 * AVX-512; with AVX2 alone log-probabilities of a small checkpoint differed by up to 1e-6 in
 * float32 and 2e-5 in 8 bits, and in 4 bits with AVX-512 by up to 0.04, which gave one text of six
 * another id. What was read in other chunks, beside running texts or other prompts, is rounded as
 * it was there: by up to 2e-6 in float32, 3e-4 in 8 bits and 0.03 in bfloat16.
 *
 * <p>Only sessions whose size is known are kept: those of loaded models, and of an application's
 * models that tell it.
 */
public final class PrefixCache implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(PrefixCache.class);

  /** Prompts begin behind a multiple of so many tokens. */
  public static final int BLOCK = 128;

  /** So many tokens of a pass are rounded as any more are. */
  static final int MANY_TOKENS = 48;

  private final long limitBytes;
  private final int chunk;

  /** Not a monitor: a virtual thread would hold on to its carrier while a fork is made. */
  private final ReentrantLock lock = new ReentrantLock();

  private final IdentityHashMap<LogitModel, PrefixIndex> bySource = new IdentityHashMap<>();
  private final SpareMemory.Holder spare = this::freeUnlessInUse;
  private long uses; // the time of the last one
  private long bytes;
  private boolean closed;
  private long lookups;
  private long hits;
  private long reusedTokens;
  private long promptTokens;
  private long evictions;

  /**
   * A cache with nothing in it.
   *
   * @param limitBytes the most memory that is kept; 0 to keep nothing
   * @param chunk the most tokens of a prompt in a pass
   */
  public PrefixCache(long limitBytes, int chunk) {
    this.limitBytes = limitBytes;
    this.chunk = chunk;
  }

  /**
   * Whether anything is ever kept.
   *
   * @return whether there is room for it
   */
  public boolean isOn() {
    return limitBytes > 0;
  }

  /**
   * Leaves out what is behind the last whole block.
   *
   * @param tokens a number of tokens
   * @return a multiple of {@link #BLOCK}
   */
  public static int wholeBlocks(int tokens) {
    return tokens / BLOCK * BLOCK;
  }

  /**
   * A session that has read the longest beginning of a prompt that is kept, as far as the rest is
   * read as it would be, and nothing of the beginning must be read again.
   *
   * @param source the model
   * @param prompt the ids that it is to read
   * @param capacity the room that the session is to have
   * @return a session, which the caller closes; nothing where nothing is kept of this prompt
   */
  public Optional<LogitSession> find(LogitModel source, int[] prompt, int capacity) {
    lock.lock();
    try {
      lookups++;
      promptTokens += prompt.length;
      PrefixIndex index = bySource.get(source);
      return index == null
          ? Optional.empty()
          : index
              .longest(prompt, shared -> usable(shared, prompt.length))
              .map(found -> copy(found, capacity));
    } finally {
      lock.unlock();
    }
  }

  /** Decoding behind shared memory would round otherwise. */
  private LogitSession copy(PrefixIndex.Found found, int capacity) {
    found.entry().use(++uses);
    LogitSession copy = found.entry().session().copy(found.tokens(), capacity);
    hits++;
    reusedTokens += found.tokens();
    return copy;
  }

  private int usable(int shared, int prompt) {
    if (prompt > chunk && chunk % BLOCK != 0) {
      return 0; // its passes do not begin with blocks
    }
    int last = lastPass(prompt);
    int tokens = wholeBlocks(Math.min(shared, prompt - 1));
    while (tokens > 0 && !endsAlike(last, lastPass(prompt - tokens))) {
      tokens -= BLOCK;
    }
    return tokens;
  }

  /** How many of so many tokens the last pass reads. */
  private int lastPass(int tokens) {
    return (tokens - 1) % chunk + 1;
  }

  private static boolean endsAlike(int one, int other) {
    return one == other || Math.min(one, other) >= MANY_TOKENS;
  }

  /**
   * How much of a prompt another need not read that has the same first tokens.
   *
   * @param read the ids that are read for both
   * @param prompt the ids of the other
   * @return a number of tokens, as {@link #find} would give them where they are kept
   */
  public int shared(int[] read, int[] prompt) {
    int different = Arrays.mismatch(read, prompt);
    return usable(different < 0 ? read.length : different, prompt.length);
  }

  /**
   * Whether there can be room for a session.
   *
   * @param source the model
   * @param tokens how many it has read
   * @return whether {@link #offer} can keep it
   */
  public boolean canKeep(LogitModel source, int tokens) {
    long size = source.sessionBytes(tokens);
    return size > 0 && size <= limitBytes;
  }

  /**
   * Whether it pays to offer a session: whether nothing that is kept gives all of its tokens.
   *
   * @param source the model
   * @param read the ids that were read
   * @return whether {@link #offer} would keep it, as far as there is room
   */
  public boolean wants(LogitModel source, int[] read) {
    lock.lock();
    try {
      PrefixIndex index = bySource.get(source);
      return isOn() && !closed && (index == null || !index.has(read));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps a session, or closes it where it is not worth its room.
   *
   * @param source the model
   * @param read the ids that it has read, as many as its position; not changed by anyone
   * @param session a session that nobody else uses any more
   */
  public void offer(LogitModel source, int[] read, LogitSession session) {
    long size = source.sessionBytes(session.capacity());
    List<LogitSession> over = new ArrayList<>();
    lock.lock();
    try {
      if (canKeep(source, session.capacity()) && wants(source, read)) {
        over.addAll(keep(source, new PrefixIndex.Entry(read, session, size)));
      } else {
        over.add(session);
      }
    } finally {
      lock.unlock();
    }
    over.forEach(LogitSession::close);
  }

  /** What has to go for it: what it continues, and what was used least recently. */
  private List<LogitSession> keep(LogitModel source, PrefixIndex.Entry entry) {
    List<LogitSession> over = new ArrayList<>();
    PrefixIndex index = bySource.computeIfAbsent(source, s -> new PrefixIndex());
    entry.use(++uses);
    SpareMemory.add(spare);
    for (PrefixIndex.Entry continued : index.put(entry)) {
      bytes -= continued.bytes();
      over.add(continued.session());
    }
    bytes += entry.bytes();
    while (bytes > limitBytes) {
      over.add(evictOldest());
    }
    return over;
  }

  private LogitSession evictOldest() {
    PrefixIndex oldest =
        bySource.values().stream()
            .filter(index -> !index.isEmpty())
            .min((a, b) -> Long.compare(a.oldest().lastUse(), b.oldest().lastUse()))
            .orElseThrow();
    PrefixIndex.Entry entry = oldest.oldest();
    oldest.remove(entry);
    bytes -= entry.bytes();
    evictions++;
    return entry.session();
  }

  /**
   * Lets all go.
   *
   * @return whether there was something
   */
  public boolean clear() {
    List<LogitSession> all = new ArrayList<>();
    lock.lock();
    try {
      while (bytes > 0) {
        all.add(evictOldest());
      }
      bySource.clear();
    } finally {
      lock.unlock();
    }
    all.forEach(LogitSession::close);
    return !all.isEmpty();
  }

  /** Waiting could be for a thread that waits for this one to give memory back. */
  private boolean freeUnlessInUse() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      boolean freed = clear();
      if (freed) {
        logger.debug("Memory is short: what was kept of prompts is freed");
      }
      return freed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The figures now.
   *
   * @return what is kept, and what it was good for
   */
  public PrefixCacheStats stats() {
    lock.lock();
    try {
      int entries = bySource.values().stream().mapToInt(PrefixIndex::size).sum();
      return new PrefixCacheStats(
          entries, bytes, limitBytes, lookups, hits, reusedTokens, promptTokens, evictions);
    } finally {
      lock.unlock();
    }
  }

  /** Frees all and keeps nothing any more. Closing twice does nothing. */
  @Override
  public void close() {
    SpareMemory.remove(spare);
    lock.lock();
    try {
      closed = true;
      clear();
    } finally {
      lock.unlock();
    }
  }
}
