package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The places that {@code [start:stop:step]} takes from a sequence.
 *
 * @param from the first place
 * @param to where it ends, exclusive
 * @param step the distance, negative backwards
 */
record Slice(long from, long to, long step) {
  /**
   * What {@code object[start:stop:step]} gives.
   *
   * @param bounds start, stop and step; null where left out
   */
  static Object of(Budget budget, Object object, @Nullable Long[] bounds) {
    if (object instanceof Undefined undefined) {
      throw undefined.failure();
    } else if (!Values.isSequence(object) || object instanceof Map) {
      throw new TemplateException("'" + Values.typeName(object) + "' object can't be sliced");
    }
    budget.read(object);
    if (object instanceof String text) {
      return within(text.codePointCount(0, text.length()), bounds).of(budget, text);
    }
    List<Object> items = Values.items(budget, object);
    ListWriter chosen = new ListWriter(budget);
    within(items.size(), bounds).places().forEach(i -> chosen.add(items.get(i)));
    return object instanceof Tuple ? new Tuple(chosen.list()) : chosen.list();
  }

  private String of(Budget budget, String text) {
    TextWriter out = new TextWriter(budget);
    if (step == 1) {
      int start = text.offsetByCodePoints(0, (int) from);
      int end = from < to ? text.offsetByCodePoints(start, (int) (to - from)) : start;
      return out.append(text, start, end).toString();
    }
    budget.memory((long) text.length() * Integer.BYTES);
    int[] characters = text.codePoints().toArray();
    places().forEach(i -> out.append(characters[i]));
    return out.toString();
  }

  private IntStream places() {
    return LongStream.iterate(from, i -> step > 0 ? i < to : i > to, i -> i + step)
        .mapToInt(i -> (int) i);
  }

  private static Slice within(int size, @Nullable Long[] bounds) {
    Long given = bounds[2];
    long step = given == null ? 1 : Math.max(-size - 1L, Math.min(size + 1L, given));
    if (step == 0) {
      throw new TemplateException("slice step cannot be zero");
    }
    long low = step > 0 ? 0 : -1;
    long high = step > 0 ? size : size - 1L;
    return new Slice(
        bound(bounds[0], step > 0 ? low : high, size, low, high),
        bound(bounds[1], step > 0 ? high : low, size, low, high),
        step);
  }

  private static long bound(@Nullable Long given, long otherwise, int size, long low, long high) {
    if (given == null) {
      return otherwise;
    }
    long place = given < 0 ? given + size : given;
    return Math.max(low, Math.min(high, place));
  }
}
