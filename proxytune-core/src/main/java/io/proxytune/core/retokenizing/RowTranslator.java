package io.proxytune.core.retokenizing;

import com.google.common.collect.Lists;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.retokenizing.RetokenizedSession.Place;
import io.proxytune.core.retokenizing.Translation.Path;
import io.proxytune.core.sampling.RowChecks;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Translates rows of a {@link RetokenizedModel} with the base's at hand: of the base's likeliest
 * tokens the bytes are looked up in the model's own tokens, in a pass more.
 */
public final class RowTranslator {
  /** The most own tokens that spell one of the base's; longer ones get no offset. */
  static final int LONGEST = 32;

  /** Rows are wide, so that they are asked for in parts. */
  private static final int MOST_ROWS = 64;

  private final RetokenizedModel model;

  /**
   * Prepares translating.
   *
   * @param model the model whose rows they are
   */
  public RowTranslator(RetokenizedModel model) {
    this.model = model;
  }

  /**
   * A row of a model's output.
   *
   * @param output what the model returned
   * @param index which of its rows
   */
  public record Row(Logits output, int index) {}

  /**
   * What was translated.
   *
   * @param logits rows of log-probabilities as wide as the base's
   * @param effort what each row took and left out
   */
  public record Translated(Logits logits, List<Effort> effort) {}

  /**
   * What a row took and left out.
   *
   * @param unmapped the probability that the base gives to ids without an offset
   * @param spelledTokens the tokens that were read beside the text
   * @param rereadTokens the tokens of the text that were read again
   */
  public record Effort(double unmapped, long spelledTokens, long rereadTokens) {
    /**
     * Both, of two pairs' models.
     *
     * @param other that of another model
     * @return what both took; the larger share that was left out
     */
    public Effort with(Effort other) {
      return new Effort(
          Math.max(unmapped, other.unmapped),
          spelledTokens + other.spelledTokens,
          rereadTokens + other.rereadTokens);
    }
  }

  /**
   * Translates rows.
   *
   * @param rows the model's
   * @param base as many rows of the base's
   * @return the translated rows; the caller closes them
   */
  public Translated translate(List<Row> rows, Logits base) {
    List<Translation> translations = new ArrayList<>();
    List<Place> places = new ArrayList<>();
    List<Owned> paths = new ArrayList<>();
    float[][] baseRows = new float[rows.size()][];
    for (int i = 0; i < baseRows.length; i++) {
      Place place = ((RetokenizedRows) rows.get(i).output).place(rows.get(i).index);
      Translation translation = new Translation(model, place);
      baseRows[i] = RowChecks.read(base, i);
      for (Path path : lookUp(translation, baseRows[i])) {
        paths.add(new Owned(i, place, path));
      }
      translations.add(translation);
      places.add(place);
    }
    long[] spelled = new long[rows.size()];
    for (List<Owned> part : parts(paths)) {
      read(part, spelled);
    }
    float[][] made = new float[rows.size()][];
    List<Effort> effort = new ArrayList<>();
    for (int i = 0; i < made.length; i++) {
      made[i] = translations.get(i).row();
      effort.add(new Effort(unmapped(made[i], baseRows[i]), spelled[i], places.get(i).reread()));
    }
    return new Translated(Logits.of(model.width(), made), effort);
  }

  /** A path of one of the rows. */
  private record Owned(int row, Place place, Path path) {}

  /** Longer paths first: they read what shorter ones begin with. */
  private List<Path> lookUp(Translation translation, float[] baseRow) {
    List<Integer> ids = new ArrayList<>(likeliest(baseRow));
    ids.sort(
        Comparator.comparingInt((Integer id) -> model.map().base().bytes(id).length).reversed());
    return ids.stream().flatMap(id -> translation.lookUp(id, LONGEST).stream()).toList();
  }

  private List<Integer> likeliest(float[] row) {
    PriorityQueue<Integer> best =
        new PriorityQueue<>(Comparator.comparingDouble((Integer id) -> row[id]));
    for (int id = 0; id < row.length && model.candidates() > 0; id++) {
      if (best.size() < model.candidates()) {
        best.add(id);
      } else if (row[id] > row[best.element()]) {
        best.remove();
        best.add(id);
      }
    }
    return List.copyOf(best);
  }

  private static List<List<Owned>> parts(List<Owned> paths) {
    List<List<Owned>> parts = new ArrayList<>();
    int rows = MOST_ROWS;
    for (Owned path : paths) {
      if (rows + path.path.ids().length > MOST_ROWS) {
        parts.add(new ArrayList<>());
        rows = 0;
      }
      parts.get(parts.size() - 1).add(path);
      rows += path.path.ids().length;
    }
    return parts;
  }

  private void read(List<Owned> all, long[] spelled) {
    List<Owned> paths = Lists.newArrayList(all);
    paths.removeIf(each -> !fits(each.path));
    List<Segment> segments = new ArrayList<>();
    try {
      for (Owned each : paths) {
        Path path = each.path;
        segments.add(each.place.session().branch(path.trunk(), path.position(), path.ids()));
        spelled[each.row] += segments.get(segments.size() - 1).tokens().length;
      }
      if (!segments.isEmpty()) {
        try (Logits rows = model.run(segments)) {
          hand(paths, segments, rows);
        }
      }
    } finally {
      Closeables.all(segments.stream().<LogitSession>map(Segment::session).toList());
    }
  }

  private boolean fits(Path path) {
    return path.position() + path.ids().length <= model.own().contextLength();
  }

  private void hand(List<Owned> paths, List<Segment> segments, Logits rows) {
    int end = 0;
    for (int i = 0; i < segments.size(); i++) {
      end += segments.get(i).rowCount();
      Spelling[] spellings = paths.get(i).path.spellings();
      for (int j = 0; j < spellings.length; j++) {
        int row = end - spellings.length + j;
        spellings[j].read(OwnRow.of(rows, row, model.own().logitCap()));
      }
    }
  }

  private static double unmapped(float[] row, float[] baseRow) {
    double largest = RowChecks.largest(baseRow);
    double sum = 0;
    double without = 0;
    for (int id = 0; id < baseRow.length; id++) {
      double weight = Math.exp(baseRow[id] - largest);
      sum += weight;
      without += row[id] == Translation.UNMAPPED ? weight : 0;
    }
    return without / sum;
  }
}
