package io.proxytune.core.retokenizing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The definition, by enumeration in float64: of all texts that a model may write in tokens of its
 * own and that begin with a given one, each counts for the token that the base has of what follows.
 * Where the model has a token across the end of the given text, that has to be one to which the
 * base would have given the tokens that the text has.
 */
final class PathEnumeration {
  private final PieceTokenizer own;
  private final PieceTokenizer base;
  private final Function<List<Integer>, double[]> model;

  /** Probabilities of own tokens behind own ones. */
  PathEnumeration(
      PieceTokenizer own, PieceTokenizer base, Function<List<Integer>, double[]> model) {
    this.own = own;
    this.base = base;
    this.model = model;
  }

  /** The probability of each of the base's tokens behind a text of the base's. */
  double[] next(int[] text) {
    double[] masses = new double[base.width()];
    String begun = base.decode(text, true);
    int longest = 0;
    for (int id = 0; id < base.width(); id++) {
      longest = Math.max(longest, base.piece(id).length());
    }
    List<Integer> path = new ArrayList<>(List.of(PieceTokenizer.BEGIN));
    walk(path, "", new At(1, begun.isEmpty()), text, begun.length() + longest, masses);
    double total = Arrays.stream(masses).sum();
    return Arrays.stream(masses).map(mass -> mass / total).toArray();
  }

  /** How likely a path is, and whether its token at the end of the given text lets it be one. */
  private record At(double mass, boolean counts) {}

  private void walk(
      List<Integer> path, String written, At at, int[] text, int enough, double[] masses) {
    if (written.length() >= enough) {
      count(written, at, text, masses);
      return;
    }
    String begun = base.decode(text, true);
    double[] next = model.apply(path);
    for (int id = PieceTokenizer.END; id < next.length; id++) {
      String longer = written + own.piece(id);
      double mass = at.mass * next[id];
      if (id == PieceTokenizer.END && written.startsWith(begun)) {
        count(written, new At(mass, at.counts), text, masses);
      } else if (id != PieceTokenizer.END
          && mass > 0
          && (longer.startsWith(begun) || begun.startsWith(longer))) {
        boolean isAcross = longer.length() > begun.length() && written.length() < begun.length();
        boolean counts =
            isAcross ? isAlike(longer, text) : at.counts || longer.length() == begun.length();
        path.add(id);
        walk(path, longer, new At(mass, counts), text, enough, masses);
        path.remove(path.size() - 1);
      }
    }
  }

  private boolean isAlike(String written, int[] text) {
    int[] ids = base.encode(written, false);
    return ids.length >= text.length && Arrays.equals(ids, 0, text.length, text, 0, text.length);
  }

  private void count(String written, At at, int[] text, double[] masses) {
    int[] rest = base.encode(written.substring(base.decode(text, true).length()), false);
    if (at.counts) {
      masses[rest.length == 0 ? PieceTokenizer.END : rest[0]] += at.mass;
    }
  }
}
