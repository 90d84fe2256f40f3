package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Map;

/**
 * What an untrusted template may use while it is parsed or rendered: work, memory, nesting and
 * time. Whatever touches a value takes a budget and pays for each char and item; there is no refund
 * for what is dropped, so that what is kept can't be more than what was paid for.
 *
 * <p><b>Threads:</b> for one rendering in one thread.
 */
final class Budget {
  /** Steps: each takes some nanoseconds. A long conversation needs some hundred thousand. */
  private static final long WORK = 1L << 27;

  /** Bytes: some hundred times what the usual conversation needs. */
  private static final long MEMORY = 1L << 26;

  /**
   * Levels of nested statements, expressions and values; each takes some hundred bytes of stack.
   */
  static final int MAX_DEPTH = 500;

  private static final long NANOS = 1_000_000_000;

  /** What each char or item of the application's variables adds. */
  private static final int WORK_PER_INPUT = 64;

  private static final int MEMORY_PER_INPUT = 32;
  private static final int NANOS_PER_INPUT = 1000;

  /** Steps between looks at the clock: what is usual ends before the first, however slow it is. */
  private static final long STEPS_PER_LOOK = 1L << 18;

  /** Chars that are copied or compared in one step. */
  private static final int CHARS_PER_STEP = 8;

  private static final int BYTES_PER_OBJECT = 48;
  private static final int BYTES_PER_ITEM = 16;

  private final long start = System.nanoTime();
  private final long heap = Runtime.getRuntime().maxMemory();
  private final long share;
  private long input;
  private long worked;
  private long nextLook = STEPS_PER_LOOK;
  private long used;
  private int depth;
  private int line;

  Budget() {
    this(1);
  }

  /** A part of the usual work and memory: one of so many. */
  Budget(long share) {
    this.share = share;
  }

  /** Allows for the size of what the application passes. */
  void allowFor(long charsOrItems) {
    input += charsOrItems;
  }

  /** Pays for steps, such as one for each item that is looked at. */
  void work(long steps) {
    worked += steps;
    if (worked > nextLook || worked < 0) {
      look();
    }
  }

  private void look() {
    long mostWork = WORK / share + input * WORK_PER_INPUT;
    if (worked > mostWork || worked < 0) {
      throw new TemplateException("the template does more work than " + mostWork + " steps");
    }
    long mostTime = NANOS + input * NANOS_PER_INPUT;
    if (System.nanoTime() - start > mostTime) {
      throw new TemplateException(
          "the template takes longer than " + mostTime / (NANOS / 1000) + " ms");
    }
    nextLook = worked + STEPS_PER_LOOK;
  }

  /** Pays for memory, before it is taken. */
  void memory(long bytes) {
    used += bytes;
    long most = Math.min(Math.min(MEMORY, heap / 4) / share + input * MEMORY_PER_INPUT, heap / 2);
    if (used > most || used < 0) {
      throw new TemplateException("the template uses more memory than " + (most >> 20) + " MiB");
    }
  }

  /** Pays for comparing or copying chars in bulk. */
  void readText(long chars) {
    work(1 + chars / CHARS_PER_STEP);
  }

  /** Pays for a new text of so many chars, before it is made. */
  void newText(long chars) {
    readText(chars);
    memory(BYTES_PER_OBJECT + chars);
  }

  /** Pays for chars at the end of a text that grows, for room behind it, and for its copy. */
  void moreText(long chars) {
    readText(chars);
    memory(3 * chars);
  }

  /** Pays for places in a list, before they are taken. */
  void newItems(long count) {
    work(count);
    memory(count * BYTES_PER_ITEM);
  }

  /** Pays for an object with some fields, such as a scope or the entry of a dict. */
  void newObject() {
    work(1);
    memory(2 * BYTES_PER_OBJECT);
  }

  /** Pays for going through a value once: a step for each char or item. */
  void read(Object value) {
    work(1 + size(value));
  }

  /** Pays for a value that was made: at least the memory of its chars or items. */
  void made(Object value) {
    long size = size(value);
    work(1 + size);
    memory(BYTES_PER_OBJECT + (value instanceof String ? size : size * BYTES_PER_ITEM));
  }

  /** The chars or items that a value has, without those of its items. */
  static long size(Object value) {
    if (value instanceof String text) {
      return text.length();
    } else if (value instanceof List<?> list) {
      return list.size();
    } else if (value instanceof Map<?, ?> map) {
      return map.size();
    } else if (value instanceof Tuple tuple) {
      return tuple.items().size();
    }
    return value instanceof Generator generator ? generator.size() : 0;
  }

  /** Goes one level deeper, which is a step; {@link #leave} comes back where nothing failed. */
  void enter() {
    work(1);
    depth++;
    checkDepth(0);
  }

  void leave() {
    depth--;
  }

  /** Fails where so many levels more would be too deep. */
  void checkDepth(int levels) {
    if (depth + levels > MAX_DEPTH) {
      throw new TemplateException(
          "the template calls itself or nests its values more than " + MAX_DEPTH + " levels deep");
    }
  }

  /** The line of the statement that runs. */
  int line() {
    return line;
  }

  void at(int newLine) {
    line = newLine;
  }

  /** The steps that were paid for. */
  long worked() {
    return worked;
  }

  /** The bytes that were paid for. */
  long used() {
    return used;
  }
}
