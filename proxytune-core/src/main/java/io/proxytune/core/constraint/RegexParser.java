package io.proxytune.core.constraint;

import io.proxytune.core.constraint.Form.Repeat;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads regular expressions, as far as Java's and ECMA-262's mean the same by them; the rest is
 * refused by name. For one thread.
 */
final class RegexParser {
  private static final int MOST_NESTING = 100;
  private static final int MOST_TIMES = 10_000;

  private final RegexCharacters in;
  private int depth;

  private RegexParser(String expression) {
    in = new RegexCharacters(expression);
  }

  /**
   * An alternative of the whole expression.
   *
   * @param begins whether it stands at the begin of a text
   * @param form what it matches
   * @param ends whether it stands at the end of a text
   */
  record Alternative(boolean begins, Form form, boolean ends) {}

  /**
   * The texts that an expression matches from begin to end.
   *
   * @throws IllegalArgumentException if it is none that is known
   */
  static Form whole(String expression) {
    return new Form.AnyOf(parse(expression).stream().map(Alternative::form).toList());
  }

  /** The texts in which an expression is found. */
  static Form found(String expression) {
    Form any = Form.many(new Form.OneOf(CodePoints.ALL));
    return new Form.AnyOf(
        parse(expression).stream()
            .map(
                each ->
                    Form.sequence(
                        each.begins() ? Form.EMPTY : any,
                        each.form(),
                        each.ends() ? Form.EMPTY : any))
            .toList());
  }

  private static List<Alternative> parse(String expression) {
    RegexParser parser = new RegexParser(expression);
    List<Alternative> alternatives = new ArrayList<>();
    do {
      boolean begins = parser.in.take('^');
      Form form = parser.row();
      alternatives.add(new Alternative(begins, form, parser.in.take('$')));
    } while (parser.in.take('|'));
    if (!parser.in.isAtEnd()) {
      throw parser.in.refused(
          parser.in.peek() == ')' ? "a ) without its (" : "a $ that does not end an alternative");
    }
    return alternatives;
  }

  private Form alternatives() {
    if (++depth > MOST_NESTING) {
      throw in.refused("groups nested deeper than " + MOST_NESTING);
    }
    List<Form> alternatives = new ArrayList<>();
    do {
      alternatives.add(row());
    } while (in.take('|'));
    depth--;
    return alternatives.size() == 1 ? alternatives.get(0) : new Form.AnyOf(alternatives);
  }

  private Form row() {
    List<Form> parts = new ArrayList<>();
    while (!in.isAtEnd() && "|)$".indexOf(in.peek()) < 0) {
      parts.add(quantified(atom()));
    }
    return new Form.Sequence(parts);
  }

  private Form atom() {
    int c = in.next();
    return switch (c) {
      case '(' -> group();
      case '[' -> new Form.OneOf(in.characterClass());
      case '.' -> new Form.OneOf(CharacterClasses.LINE_END.complement());
      case '\\' -> new Form.OneOf(in.escaped(false));
      case '^' -> throw in.refused("a ^ that does not begin an alternative of the whole");
      case '*', '+', '?' -> throw in.refused("a quantifier of nothing");
      case '{', '}', ']' -> throw in.refused("a bracket that stands for itself without a \\");
      default -> new Form.OneOf(CodePoints.between(c, c));
    };
  }

  private Form group() {
    if (in.take('?')) {
      if (in.take('<')) {
        in.groupName();
      } else if (!in.take(':')) {
        throw in.refused("a group that begins with (?" + in.shown());
      }
    }
    Form body = alternatives();
    if (!in.take(')')) {
      throw in.refused(
          in.isAtEnd() ? "a ( without its )" : "a $ that does not end an alternative of the whole");
    }
    return body;
  }

  private Form quantified(Form body) {
    if (in.take('*')) {
      return lazyOrNot(body, 0, Repeat.UNBOUNDED);
    } else if (in.take('+')) {
      return lazyOrNot(body, 1, Repeat.UNBOUNDED);
    } else if (in.take('?')) {
      return lazyOrNot(body, 0, 1);
    } else if (in.take('{')) {
      return counted(body);
    }
    return body;
  }

  private Form counted(Form body) {
    int least = in.number();
    int most = least;
    if (in.take(',')) {
      most = in.isDigit() ? in.number() : Repeat.UNBOUNDED;
    }
    if (!in.take('}') || least > most) {
      throw in.refused("a { that counts nothing");
    }
    if (Math.max(least, most == Repeat.UNBOUNDED ? 0 : most) > MOST_TIMES) {
      throw in.refused("more than " + MOST_TIMES + " repetitions");
    }
    return lazyOrNot(body, least, most);
  }

  /** A lazy quantifier matches the same texts. */
  private Form lazyOrNot(Form body, int least, int most) {
    in.take('?');
    if (in.isAt("*+?{")) {
      throw in.refused("a possessive quantifier, or a quantifier of a quantifier");
    }
    return new Repeat(body, least, most);
  }
}
