package io.proxytune.core.tokenizer.format;

import io.proxytune.core.tokenizer.format.RegexNode.Atomic;
import io.proxytune.core.tokenizer.format.RegexNode.Choice;
import io.proxytune.core.tokenizer.format.RegexNode.Look;
import io.proxytune.core.tokenizer.format.RegexNode.One;
import io.proxytune.core.tokenizer.format.RegexNode.Repeat;
import io.proxytune.core.tokenizer.format.RegexNode.Row;
import io.proxytune.core.tokenizer.format.RegexParser.UnknownRegexException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Bounds the steps back that a backtracking search takes at one place of a text before it gives up.
 *
 * <p>A part can match in some number of ways; where what follows can fail, each way is tried. An
 * endless loop over single characters has as many ways as the run that it takes is long.
 */
final class Backtracking {
  private static final double MOST_WAYS = 1e4;

  private Backtracking() {}

  /**
   * The steps back of all the tries that fail at one place.
   *
   * @param node a part with nothing behind it that could fail
   * @return the bound; n is the longest run that the loops of the part take
   * @throws UnknownRegexException if it may grow exponentially
   */
  static Growth failing(RegexNode node) throws UnknownRegexException {
    if (node instanceof Row row) {
      return failing(row.parts());
    }
    if (node instanceof Choice choice) {
      Growth sum = Growth.NONE;
      for (RegexNode option : choice.options()) {
        sum = sum.plus(failing(option));
      }
      return sum;
    }
    if (node instanceof Atomic atomic) {
      return failing(atomic.body());
    }
    if (node instanceof Repeat repeat && repeat.isEndless()) {
      checkLoop(repeat);
      return repeat.least() <= 1 ? failing(repeat.body()) : steps(atLeast(repeat));
    }
    return steps(node);
  }

  private static Repeat atLeast(Repeat repeat) {
    return new Repeat(repeat.body(), repeat.least(), repeat.least());
  }

  private static Growth failing(List<RegexNode> parts) throws UnknownRegexException {
    if (parts.isEmpty()) {
      return Growth.ONE;
    }
    RegexNode first = parts.get(0);
    List<RegexNode> rest = parts.subList(1, parts.size());
    return canFail(rest)
        ? stepsBack(first).plus(limited(ways(first)).times(failing(rest)))
        : failing(first);
  }

  /** The steps back inside a part that fits; a run of single characters is taken without any. */
  private static Growth stepsBack(RegexNode node) throws UnknownRegexException {
    boolean isRun = node instanceof Repeat repeat && repeat.body() instanceof One;
    return isRun || node instanceof One ? Growth.NONE : steps(node);
  }

  private static boolean canFail(List<RegexNode> parts) {
    return parts.stream().anyMatch(Backtracking::canFail);
  }

  private static boolean canFail(RegexNode node) {
    if (node instanceof Row row) {
      return canFail(row.parts());
    }
    if (node instanceof Choice choice) {
      return choice.options().stream().allMatch(Backtracking::canFail);
    }
    if (node instanceof Repeat repeat) {
      return repeat.least() > 0 && canFail(repeat.body());
    }
    return !(node instanceof Atomic atomic) || canFail(atomic.body());
  }

  /** The ways in which a part can match from one place. */
  private static Growth ways(RegexNode node) throws UnknownRegexException {
    if (node instanceof Row row) {
      Growth product = Growth.ONE;
      for (RegexNode part : row.parts()) {
        product = limited(product.times(ways(part)));
      }
      return product;
    }
    if (node instanceof Choice choice) {
      Growth sum = Growth.NONE;
      for (RegexNode option : choice.options()) {
        sum = sum.plus(ways(option));
      }
      return sum;
    }
    if (node instanceof Repeat repeat) {
      return ways(repeat);
    }
    return Growth.ONE;
  }

  private static Growth ways(Repeat repeat) throws UnknownRegexException {
    if (repeat.isEndless()) {
      checkLoop(repeat);
      return Growth.LENGTH;
    }
    Growth body = ways(repeat.body());
    Growth times = Growth.ONE;
    Growth sum = repeat.least() == 0 ? Growth.ONE : Growth.NONE;
    for (int i = 1; i <= repeat.most(); i++) {
      times = limited(times.times(body));
      sum = i < repeat.least() ? sum : sum.plus(times);
    }
    return limited(sum);
  }

  /** A loop whose body matches in one way, taking a character each time, is no more than long. */
  private static void checkLoop(Repeat repeat) throws UnknownRegexException {
    Growth body = ways(repeat.body());
    if (body.degree() > 0 || body.factor() > 1) {
      throw new UnknownRegexException("a loop that can take the same text in several ways");
    }
    if (shortest(repeat.body()) == 0) {
      throw new UnknownRegexException("a loop over what can be empty");
    }
  }

  private static Growth limited(Growth growth) throws UnknownRegexException {
    if (growth.factor() > MOST_WAYS) {
      throw new UnknownRegexException("parts that can match in very many ways");
    }
    return growth;
  }

  /** The steps to match a part in all its ways. */
  private static Growth steps(RegexNode node) throws UnknownRegexException {
    if (node instanceof Row row) {
      return steps(row.parts());
    }
    if (node instanceof Choice choice) {
      Growth sum = Growth.ONE;
      for (RegexNode option : choice.options()) {
        sum = sum.plus(steps(option));
      }
      return sum;
    }
    if (node instanceof Repeat repeat) {
      Growth body = steps(repeat.body());
      return repeat.isEndless()
          ? ways(repeat).times(body)
          : new Growth(Math.max(1, repeat.most()), 0).times(ways(repeat)).times(body);
    }
    if (node instanceof Atomic atomic) {
      return steps(atomic.body());
    }
    return node instanceof Look look ? Growth.ONE.plus(steps(look.body())) : Growth.ONE;
  }

  private static Growth steps(List<RegexNode> parts) throws UnknownRegexException {
    Growth ways = Growth.ONE;
    Growth sum = Growth.NONE;
    for (RegexNode part : parts) {
      sum = sum.plus(ways.times(steps(part)));
      ways = limited(ways.times(ways(part)));
    }
    return sum;
  }

  /** The fewest characters that a part takes. */
  static long shortest(RegexNode node) {
    if (node instanceof Row row) {
      return row.parts().stream().mapToLong(Backtracking::shortest).sum();
    }
    if (node instanceof Choice choice) {
      return choice.options().stream().mapToLong(Backtracking::shortest).min().orElse(0);
    }
    if (node instanceof Repeat repeat) {
      return repeat.least() * shortest(repeat.body());
    }
    if (node instanceof Atomic atomic) {
      return shortest(atomic.body());
    }
    return node instanceof One ? 1 : 0;
  }

  /** The sets of characters that the endless loops of a part take. */
  static List<CharacterSet> loops(RegexNode node) {
    List<CharacterSet> sets = new ArrayList<>();
    collect(node, false, sets);
    return sets;
  }

  /** Whether a match of a part may have a character between two. */
  static boolean mayTake(RegexNode node, int from, int to) {
    List<CharacterSet> sets = new ArrayList<>();
    collect(node, true, sets);
    return IntStream.rangeClosed(from, to).anyMatch(CharacterSet.any(sets)::mayHold);
  }

  private static void collect(RegexNode node, boolean inLoop, List<CharacterSet> into) {
    if (node instanceof Row row) {
      row.parts().forEach(part -> collect(part, inLoop, into));
    } else if (node instanceof Choice choice) {
      choice.options().forEach(option -> collect(option, inLoop, into));
    } else if (node instanceof Repeat repeat) {
      collect(repeat.body(), inLoop || repeat.isEndless(), into);
    } else if (node instanceof Atomic atomic) {
      collect(atomic.body(), inLoop, into);
    } else if (node instanceof Look look) {
      collect(look.body(), inLoop, into);
    } else if (node instanceof One one && inLoop) {
      into.add(one.set());
    }
  }

  /**
   * Whether a part can match whitespace alone, at least one character of it; what it looks at is
   * taken to fit.
   */
  static boolean takesWhitespaceAlone(RegexNode node) {
    return shortestOfWhitespace(node, true) < NEVER;
  }

  private static final int NEVER = 1 << 20;

  /** The fewest whitespace characters that a part can match alone, perhaps at least one. */
  private static int shortestOfWhitespace(RegexNode node, boolean atLeastOne) {
    if (node instanceof Row row) {
      return ofRow(row.parts(), atLeastOne);
    }
    if (node instanceof Choice choice) {
      return choice.options().stream()
          .mapToInt(option -> shortestOfWhitespace(option, atLeastOne))
          .min()
          .orElse(NEVER);
    }
    if (node instanceof Repeat repeat) {
      if (repeat.least() == 0 && !atLeastOne) {
        return 0;
      }
      int body = shortestOfWhitespace(repeat.body(), atLeastOne);
      return repeat.most() == 0 ? NEVER : Math.min(NEVER, body * Math.max(1, repeat.least()));
    }
    if (node instanceof Atomic atomic) {
      return shortestOfWhitespace(atomic.body(), atLeastOne);
    }
    if (node instanceof One one) {
      return mayHoldWhitespace(one.set()) ? 1 : NEVER;
    }
    return atLeastOne ? NEVER : 0;
  }

  private static int ofRow(List<RegexNode> parts, boolean atLeastOne) {
    long all = parts.stream().mapToLong(part -> shortestOfWhitespace(part, false)).sum();
    if (all >= NEVER) {
      return NEVER;
    }
    if (all > 0 || !atLeastOne) {
      return (int) all;
    }
    return parts.stream().mapToInt(part -> shortestOfWhitespace(part, true)).min().orElse(NEVER);
  }

  private static boolean mayHoldWhitespace(CharacterSet set) {
    for (int c = 0; c <= 0x3000; c++) {
      if (CharacterSet.WHITESPACE.holds(c) == CharacterSet.Answer.YES && set.mayHold(c)) {
        return true;
      }
    }
    return false;
  }
}
