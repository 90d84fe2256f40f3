package io.proxytune.examples.measure;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.ScoreJson;
import io.proxytune.examples.search.Strengths;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The base as it is steered in several ways, on the same questions: immutable.
 *
 * @param questions what was asked
 * @param points the ways with their scores, at least one
 * @param made what the figures were made with
 */
public record SweepTable(List<Question> questions, List<Point> points, ObjectNode made) {
  /** How the best is told, in words. */
  static final String RULE =
      "The best has the greatest mean score; ties go to the α nearest 1, then to the smaller.";

  /**
   * A way to steer.
   *
   * @param preset how rows are fused
   * @param strengths α of each pair
   * @param scores what came of it
   */
  public record Point(String preset, Strengths strengths, SystemScores scores) {}

  public SweepTable {
    questions = List.copyOf(questions);
    points = List.copyOf(points);
  }

  /** The best by {@link #RULE}. */
  public Point best() {
    return points.stream()
        .min(
            Comparator.comparingDouble((Point point) -> -point.scores.mean().value())
                .thenComparing(Point::strengths, Strengths.SIMPLEST_FIRST))
        .orElseThrow();
  }

  /** The best minus the same preset at a strength, if that is another and was tried. */
  Optional<PairedDifference> bestMinus(double alpha) {
    Point best = best();
    Strengths other = Strengths.ofAll(best.strengths.alphas().size(), alpha);
    return points.stream()
        .filter(point -> !best.strengths.equals(other))
        .filter(point -> point.preset.equals(best.preset) && point.strengths.equals(other))
        .findFirst()
        .map(point -> best.scores.minus(point.scores));
  }

  /** For programs. */
  public ObjectNode json() {
    ObjectNode json = made.deepCopy();
    json.put("rule", RULE);
    json.set("best", json(best()));
    for (int alpha : List.of(0, 1)) {
      bestMinus(alpha).ifPresent(it -> json.set("best_minus_" + alpha, ScoreJson.of(it)));
    }
    ArrayNode lines = json.putArray("lines");
    questions.forEach(question -> lines.add(question.line()));
    ArrayNode all = json.putArray("points");
    for (Point point : points) {
      ObjectNode one = json(point);
      point.scores.scores().forEach(one.putArray("scores")::add);
      all.add(one);
    }
    return json;
  }

  private static ObjectNode json(Point point) {
    ObjectNode json = ScoreJson.of(point.scores.mean()).put("preset", point.preset);
    point.strengths.alphas().forEach(json.putArray("alphas")::add);
    return json;
  }
}
