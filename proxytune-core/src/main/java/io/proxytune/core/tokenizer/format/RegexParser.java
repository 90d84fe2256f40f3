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
 * Reads the part of Oniguruma's syntax whose cost can be told beforehand: characters, classes,
 * groups, alternatives, quantifiers and looks around. Everything else, such as references back to a
 * group, is refused by name.
 */
final class RegexParser {
  /** Thrown with what is not known here, or wrong. */
  static final class UnknownRegexException extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownRegexException(String message) {
      super(message);
    }
  }

  private static final int MOST_NESTING = 16;
  private static final int MOST_TIMES = 1000;

  private final RegexScanner in;
  private int depth;
  private boolean ignoresCase;

  private RegexParser(String pattern) {
    in = new RegexScanner(pattern);
  }

  /**
   * Reads a regular expression.
   *
   * @param pattern the expression
   * @return its alternatives, each in the order in which it is tried
   */
  static Choice parse(String pattern) throws UnknownRegexException {
    RegexParser parser = new RegexParser(pattern);
    Choice all = parser.choice();
    if (!parser.in.isAtEnd()) {
      throw new UnknownRegexException("a ) without its (");
    }
    return all;
  }

  private Choice choice() throws UnknownRegexException {
    if (++depth > MOST_NESTING) {
      throw new UnknownRegexException("groups nested deeper than " + MOST_NESTING);
    }
    List<RegexNode> options = new ArrayList<>();
    do {
      options.add(row());
    } while (in.take('|'));
    depth--;
    return new Choice(options);
  }

  private RegexNode row() throws UnknownRegexException {
    List<RegexNode> parts = new ArrayList<>();
    while (!in.isAtEnd() && in.peek() != '|' && in.peek() != ')') {
      parts.add(quantified(atom()));
    }
    return new Row(parts);
  }

  private RegexNode atom() throws UnknownRegexException {
    int c = in.next();
    return switch (c) {
      case '(' -> group();
      case '[' -> one(new RegexClassParser(in).parse());
      case '.' -> new One(CharacterSet.ANY);
      case '^', '$' -> end();
      case '\\' -> escape();
      case '*', '+', '?' -> throw new UnknownRegexException("a quantifier of nothing");
      default -> one(CharacterSet.range(c, c));
    };
  }

  private One one(CharacterSet set) {
    return new One(ignoresCase ? set.ignoringCase() : set);
  }

  private static Look end() {
    return new Look(new Row(List.of()));
  }

  private RegexNode escape() throws UnknownRegexException {
    return switch (in.peek()) {
      case 'b', 'B', 'A', 'z', 'Z' -> {
        in.next();
        yield end();
      }
      default -> one(RegexClassParser.escaped(in));
    };
  }

  private RegexNode group() throws UnknownRegexException {
    boolean outside = ignoresCase;
    if (!in.take('?')) {
      if (in.peek() == '*') {
        throw new UnknownRegexException("a callout");
      }
      return closed(choice(), outside);
    }
    if (in.take("<=") || in.take("<!") || in.take('=') || in.take('!')) {
      return new Look(closed(choice(), outside));
    }
    if (in.take('>')) {
      return new Atomic(closed(choice(), outside));
    }
    if (in.take('i')) {
      ignoresCase = true;
    }
    if (!in.take(':')) {
      throw new UnknownRegexException("a group that begins with (?" + in.shown());
    }
    return closed(choice(), outside);
  }

  private RegexNode closed(RegexNode body, boolean ignoresCaseAfter) throws UnknownRegexException {
    if (!in.take(')')) {
      throw new UnknownRegexException("a ( without its )");
    }
    ignoresCase = ignoresCaseAfter;
    return body;
  }

  private RegexNode quantified(RegexNode body) throws UnknownRegexException {
    if (in.isAtEnd()) {
      return body;
    }
    return switch (in.peek()) {
      case '*' -> repeated(body, 0, Repeat.ENDLESS);
      case '+' -> repeated(body, 1, Repeat.ENDLESS);
      case '?' -> repeated(body, 0, 1);
      case '{' -> counted(body);
      default -> body;
    };
  }

  /** A + after a quantifier makes it possessive, a ? lazy; a third one would nest quantifiers. */
  private RegexNode repeated(RegexNode body, int least, int most) throws UnknownRegexException {
    in.next();
    refuseUnbounded(body);
    RegexNode repeat = new Repeat(body, least, most);
    if (in.take('+')) {
      repeat = new Atomic(repeat);
    } else {
      in.take('?');
    }
    refuseQuantifier();
    return repeat;
  }

  private RegexNode counted(RegexNode body) throws UnknownRegexException {
    in.next();
    int least = in.number();
    int most = least;
    if (in.take(',')) {
      most = in.peek() == '}' ? Repeat.ENDLESS : in.number();
    }
    if (!in.take('}') || least < 0 || most < least) {
      throw new UnknownRegexException("a { that counts nothing");
    }
    if (least > MOST_TIMES || (most != Repeat.ENDLESS && most > MOST_TIMES)) {
      throw new UnknownRegexException("more than " + MOST_TIMES + " repetitions");
    }
    refuseUnbounded(body);
    refuseQuantifier();
    return new Repeat(body, least, most);
  }

  private static void refuseUnbounded(RegexNode body) throws UnknownRegexException {
    if (body instanceof Look) {
      throw new UnknownRegexException("a quantifier of a look around");
    }
  }

  private void refuseQuantifier() throws UnknownRegexException {
    if (!in.isAtEnd() && "*+?{".indexOf(in.peek()) >= 0) {
      throw new UnknownRegexException("a quantifier of a quantifier");
    }
  }
}
