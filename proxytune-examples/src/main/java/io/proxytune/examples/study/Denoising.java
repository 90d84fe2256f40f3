package io.proxytune.examples.study;

import com.google.common.collect.Lists;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Writes texts by masked diffusion: all places are hidden, and at each step some are kept. A pair
 * adds its offset at every hidden place of every step. For one thread.
 */
final class Denoising {
  private static final int TOGETHER = 20;

  private final Reader base;
  private final Optional<Pair> pair;
  private final List<Integer> rooms;
  private final int mask;
  private final int end;

  /**
   * Denoising.
   *
   * @param base what is steered, or writes alone
   * @param pair what steers it
   * @param rooms how many ids each text has; behind every prompt of it they fit into the context
   * @param ids those that mean something here
   */
  Denoising(Reader base, Optional<Pair> pair, List<Integer> rooms, Ids ids) {
    this.base = base;
    this.pair = pair;
    this.rooms = List.copyOf(rooms);
    this.mask = ids.mask();
    this.end = ids.end();
  }

  /**
   * Ids.
   *
   * @param mask hides others, and is never written
   * @param end ends a text, and fills what is behind
   */
  record Ids(int mask, int end) {}

  /** Which places are kept first. */
  enum Order {
    /** Whose token has the highest probability. */
    SUREST_FIRST("the surest"),
    /** The same, and ends of the text after all else (as LLaDA does, arXiv 2502.09992). */
    ENDS_LAST("the surest, ends of the text after all else");

    private final String text;

    Order(String text) {
      this.text = text;
    }

    /** For people. */
    String text() {
      return text;
    }
  }

  /**
   * How texts are written.
   *
   * @param steps in how many; a step a place where there are fewer places
   * @param order which places are kept first
   */
  record Way(int steps, Order order) {}

  /**
   * A model with the prompts as it reads them.
   *
   * @param prompts one of each text
   */
  record Reader(LogitModel model, List<int[]> prompts) {}

  /** An expert against an anti-expert, both of the same prompts. */
  record Pair(Reader expert, Reader against, double alpha) {}

  /**
   * Writes all texts.
   *
   * @return the ids of each behind its prompt
   */
  List<int[]> texts(Way way) {
    List<Integer> all = IntStream.range(0, rooms.size()).boxed().toList();
    List<int[]> texts = new ArrayList<>();
    for (List<Integer> some : Lists.partition(all, TOGETHER)) {
      texts.addAll(together(some, way));
    }
    return texts;
  }

  private List<int[]> together(List<Integer> which, Way way) {
    List<int[]> texts = which.stream().map(this::hidden).toList();
    int most = texts.stream().mapToInt(text -> text.length).max().orElse(0);
    int all = Math.min(way.steps(), most);
    for (int step = 0; step < all; step++) {
      List<float[][]> rows = rows(which, texts);
      for (int i = 0; i < texts.size(); i++) {
        keepSome(texts.get(i), rows.get(i), all - step, way.order());
      }
    }
    return texts;
  }

  private int[] hidden(int which) {
    int[] text = new int[rooms.get(which)];
    Arrays.fill(text, mask);
    return text;
  }

  /** The fused logits of each text's places. */
  private List<float[][]> rows(List<Integer> which, List<int[]> texts) {
    List<float[][]> rows = rows(base, which, texts);
    pair.ifPresent(
        it -> {
          List<float[][]> experts = rows(it.expert(), which, texts);
          List<float[][]> others = rows(it.against(), which, texts);
          for (int i = 0; i < rows.size(); i++) {
            add(rows.get(i), experts.get(i), others.get(i), it.alpha());
          }
        });
    return rows;
  }

  private static void add(float[][] rows, float[][] experts, float[][] others, double alpha) {
    for (int place = 0; place < rows.length; place++) {
      for (int id = 0; id < rows[place].length; id++) {
        rows[place][id] += (float) (alpha * (experts[place][id] - others[place][id]));
      }
    }
  }

  private static List<float[][]> rows(Reader reader, List<Integer> which, List<int[]> texts) {
    List<LogitSession> sessions = new ArrayList<>();
    List<Segment> segments = new ArrayList<>();
    try {
      for (int i = 0; i < texts.size(); i++) {
        int[] ids = read(reader.prompts().get(which.get(i)), texts.get(i));
        sessions.add(reader.model().newSession(ids.length));
        segments.add(new Segment(sessions.get(i), ids, Segment.Rows.ALL));
      }
      try (Logits logits = reader.model().forward(segments)) {
        return places(logits, segments, texts);
      }
    } finally {
      sessions.forEach(LogitSession::close);
    }
  }

  /** The last place is predicted, not read. */
  private static int[] read(int[] prompt, int[] text) {
    int[] ids = Arrays.copyOf(prompt, prompt.length + text.length - 1);
    System.arraycopy(text, 0, ids, prompt.length, text.length - 1);
    return ids;
  }

  private static List<float[][]> places(Logits logits, List<Segment> segments, List<int[]> texts) {
    List<float[][]> rows = new ArrayList<>();
    int end = 0;
    for (int i = 0; i < texts.size(); i++) {
      end += segments.get(i).tokens().length;
      float[][] own = new float[texts.get(i).length][];
      for (int place = 0; place < own.length; place++) {
        own[place] = logits.row(end - own.length + place);
      }
      rows.add(own);
    }
    return rows;
  }

  /** A token at a place, and its probability. */
  private record Kept(int place, int id, double probability) {}

  private void keepSome(int[] text, float[][] rows, int stepsLeft, Order order) {
    List<Kept> candidates = new ArrayList<>();
    for (int place = 0; place < text.length; place++) {
      if (text[place] == mask) {
        candidates.add(best(place, rows[place]));
      }
    }
    int count = (candidates.size() + stepsLeft - 1) / stepsLeft;
    candidates.stream()
        .sorted(Comparator.comparingDouble(it -> -confidence(it, order)))
        .limit(count)
        .forEach(it -> text[it.place()] = it.id());
  }

  private double confidence(Kept kept, Order order) {
    boolean last = order == Order.ENDS_LAST && kept.id() == end;
    return last ? kept.probability() - 1 : kept.probability();
  }

  private Kept best(int place, float[] row) {
    int best = mask == 0 ? 1 : 0;
    for (int id = 0; id < row.length; id++) {
      best = id != mask && row[id] > row[best] ? id : best;
    }
    double sum = 0;
    for (int id = 0; id < row.length; id++) {
      sum += id == mask ? 0 : Math.exp((double) row[id] - row[best]);
    }
    return new Kept(place, best, 1 / sum);
  }
}
