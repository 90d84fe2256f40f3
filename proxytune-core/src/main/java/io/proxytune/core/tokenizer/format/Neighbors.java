package io.proxytune.core.tokenizer.format;

import io.proxytune.core.tokenizer.format.RegexNode.Atomic;
import io.proxytune.core.tokenizer.format.RegexNode.Choice;
import io.proxytune.core.tokenizer.format.RegexNode.Look;
import io.proxytune.core.tokenizer.format.RegexNode.One;
import io.proxytune.core.tokenizer.format.RegexNode.Repeat;
import io.proxytune.core.tokenizer.format.RegexNode.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * Which characters may stand side by side inside a match of a regular expression. Between two that
 * may not, every match ends or begins; so a text can be cut there, and its parts searched alone.
 */
final class Neighbors {
  /** Two places of the expression that may take two characters in a row. */
  private record Pair(CharacterSet left, CharacterSet right) {}

  /**
   * The places where a part may begin and end.
   *
   * @param first the sets that may take its first character
   * @param last the sets that may take its last character
   * @param canBeEmpty whether it may take none
   * @param looksFirst whether it may look around before it takes a character
   * @param looksLast whether it may look around after its last character
   */
  private record Ends(
      List<CharacterSet> first,
      List<CharacterSet> last,
      boolean canBeEmpty,
      boolean looksFirst,
      boolean looksLast) {}

  private final List<Pair> pairs = new ArrayList<>();
  private final List<CharacterSet> lookedAfter = new ArrayList<>();
  private final List<CharacterSet> alone = new ArrayList<>();
  private final boolean looksFirst;

  /**
   * Finds the neighbors.
   *
   * @param choice the expression
   */
  Neighbors(Choice choice) {
    Ends all = ends(choice);
    looksFirst = all.looksFirst() || all.canBeEmpty();
    choice.options().forEach(this::collectAlone);
  }

  /**
   * Whether a text can be cut between two characters, and the matches of both parts are those of
   * the whole.
   *
   * @param left the character before the cut, which some match must take
   * @param right the character behind it
   * @return whether it is certain
   */
  boolean part(int left, int right) {
    return !looksFirst
        && alone.stream().anyMatch(set -> set.holds(left) == CharacterSet.Answer.YES)
        && lookedAfter.stream().noneMatch(set -> set.mayHold(left))
        && pairs.stream().noneMatch(p -> p.left().mayHold(left) && p.right().mayHold(right));
  }

  /** An alternative that can match one character takes it wherever nothing else does. */
  private void collectAlone(RegexNode option) {
    List<RegexNode> parts = option instanceof Row row ? row.parts() : List.of(option);
    List<RegexNode> needed =
        parts.stream().filter(part -> Backtracking.shortest(part) > 0).toList();
    boolean tryAll = parts.stream().allMatch(Neighbors::triesAllWays);
    if (needed.size() == 1 && tryAll && Backtracking.shortest(needed.get(0)) == 1) {
      RegexNode body = needed.get(0) instanceof Repeat repeat ? repeat.body() : needed.get(0);
      if (body instanceof One one) {
        alone.add(one.set());
      }
    }
  }

  /** Whether a part looks nowhere around, and gives back what it took. */
  private static boolean triesAllWays(RegexNode node) {
    if (node instanceof Row row) {
      return row.parts().stream().allMatch(Neighbors::triesAllWays);
    }
    if (node instanceof Choice choice) {
      return choice.options().stream().allMatch(Neighbors::triesAllWays);
    }
    return node instanceof One || (node instanceof Repeat repeat && triesAllWays(repeat.body()));
  }

  private Ends ends(RegexNode node) {
    if (node instanceof One one) {
      return new Ends(List.of(one.set()), List.of(one.set()), false, false, false);
    }
    if (node instanceof Row row) {
      return row(row.parts());
    }
    if (node instanceof Choice choice) {
      return choice(choice.options());
    }
    if (node instanceof Repeat repeat) {
      return repeat(repeat);
    }
    if (node instanceof Atomic atomic) {
      return ends(atomic.body());
    }
    // What is looked at counts as if it were taken: nothing may look across a cut.
    Ends body = ends(((Look) node).body());
    return new Ends(body.first(), body.last(), true, true, true);
  }

  private Ends choice(List<RegexNode> options) {
    Ends all = new Ends(List.of(), List.of(), false, false, false);
    for (RegexNode option : options) {
      Ends each = ends(option);
      all =
          new Ends(
              union(all.first(), each.first()),
              union(all.last(), each.last()),
              all.canBeEmpty() || each.canBeEmpty(),
              all.looksFirst() || each.looksFirst(),
              all.looksLast() || each.looksLast());
    }
    return all;
  }

  private Ends row(List<RegexNode> parts) {
    Ends all = new Ends(List.of(), List.of(), true, false, false);
    for (RegexNode part : parts) {
      Ends next = ends(part);
      join(all, next);
      all =
          new Ends(
              all.canBeEmpty() ? union(all.first(), next.first()) : all.first(),
              next.canBeEmpty() ? union(all.last(), next.last()) : next.last(),
              all.canBeEmpty() && next.canBeEmpty(),
              all.looksFirst() || (all.canBeEmpty() && next.looksFirst()),
              next.looksLast() || (next.canBeEmpty() && all.looksLast()));
    }
    return all;
  }

  private Ends repeat(Repeat repeat) {
    Ends body = ends(repeat.body());
    if (repeat.most() > 1) {
      join(body, body);
    }
    return new Ends(
        body.first(),
        body.last(),
        body.canBeEmpty() || repeat.least() == 0,
        body.looksFirst(),
        body.looksLast());
  }

  private void join(Ends left, Ends right) {
    for (CharacterSet last : left.last()) {
      right.first().forEach(first -> pairs.add(new Pair(last, first)));
    }
    if (right.looksFirst()) {
      lookedAfter.addAll(left.last());
    }
  }

  private static List<CharacterSet> union(List<CharacterSet> one, List<CharacterSet> other) {
    List<CharacterSet> all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }
}
