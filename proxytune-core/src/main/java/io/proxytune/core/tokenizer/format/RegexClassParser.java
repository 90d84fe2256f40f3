package io.proxytune.core.tokenizer.format;

import io.proxytune.core.tokenizer.format.CharacterSet.Answer;
import io.proxytune.core.tokenizer.format.RegexParser.UnknownRegexException;
import java.util.ArrayList;
import java.util.List;

/** Reads the characters of a class such as {@code [^\r\n\p{L}a-z[0-9]]}. */
final class RegexClassParser {
  private static final int MOST_NESTING = 4;

  private final RegexScanner in;
  private final int depth;

  RegexClassParser(RegexScanner in) {
    this(in, 1);
  }

  private RegexClassParser(RegexScanner in, int depth) {
    this.in = in;
    this.depth = depth;
  }

  /** Reads what follows an opening bracket, the closing one included. */
  CharacterSet parse() throws UnknownRegexException {
    if (depth > MOST_NESTING) {
      throw new UnknownRegexException("classes nested deeper than " + MOST_NESTING);
    }
    boolean negated = in.take('^');
    if (in.peek() == ']') {
      throw new UnknownRegexException("a class that begins with ]");
    }
    CharacterSet set = union();
    while (in.take("&&")) {
      set = CharacterSet.both(set, union());
    }
    if (!in.take(']')) {
      throw new UnknownRegexException("a [ without its ]");
    }
    return negated ? set.negated() : set;
  }

  private CharacterSet union() throws UnknownRegexException {
    List<CharacterSet> parts = new ArrayList<>();
    while (in.peek() != ']' && !in.isAtEnd() && !in.shown().startsWith("&&")) {
      parts.add(item());
    }
    return CharacterSet.any(parts);
  }

  private CharacterSet item() throws UnknownRegexException {
    if (in.take("[:")) {
      throw new UnknownRegexException("a POSIX class");
    }
    if (in.take('[')) {
      return new RegexClassParser(in, depth + 1).parse();
    }
    if (in.peek() == '\\') {
      in.next();
      if (!isCharacter(in.peek())) {
        return escaped(in);
      }
      return range(character(in));
    }
    return range(in.next());
  }

  /** A character, or a range that begins with it; a hyphen before the closing bracket is itself. */
  private CharacterSet range(int from) throws UnknownRegexException {
    if (in.peek() != '-' || in.shown().startsWith("-]")) {
      return CharacterSet.range(from, from);
    }
    in.next();
    int to = in.next();
    if (to == '[') {
      throw new UnknownRegexException("a range that ends with [");
    }
    if (to == '\\') {
      if (!isCharacter(in.peek())) {
        throw new UnknownRegexException("a range that ends with a class");
      }
      to = character(in);
    }
    if (to < from) {
      throw new UnknownRegexException("a range that ends before it begins");
    }
    return CharacterSet.range(from, to);
  }

  /** What an escape stands for, the backslash being read. */
  static CharacterSet escaped(RegexScanner in) throws UnknownRegexException {
    if (isCharacter(in.peek())) {
      int c = character(in);
      return CharacterSet.range(c, c);
    }
    int c = in.next();
    return switch (c) {
      case 's' -> CharacterSet.WHITESPACE;
      case 'S' -> CharacterSet.WHITESPACE.negated();
      case 'd' -> CharacterSet.property("Nd");
      case 'D' -> CharacterSet.property("Nd").negated();
      case 'w' -> word();
      case 'W' -> word().negated();
      case 'p', 'P' -> property(in.braced(), c == 'P');
      default -> throw new UnknownRegexException("the escape \\" + Character.toString(c));
    };
  }

  private static CharacterSet word() {
    return CharacterSet.any(
        List.of(
            CharacterSet.property("L"),
            CharacterSet.property("M"),
            CharacterSet.property("Nd"),
            c -> c < 0x80 ? Answer.of(c == '_') : Answer.MAYBE));
  }

  private static CharacterSet property(String name, boolean negated) throws UnknownRegexException {
    boolean inverse = name.startsWith("^");
    String bare = inverse ? name.substring(1) : name;
    if (!bare.matches("[A-Za-z_ =-]{1,40}")) {
      throw new UnknownRegexException("the property " + name);
    }
    CharacterSet set = CharacterSet.property(bare);
    return inverse == negated ? set : set.negated();
  }

  /** Whether what follows a backslash is one character. */
  private static boolean isCharacter(int c) {
    return c >= 0 && ("tnrfvaexu".indexOf(c) >= 0 || isPunctuation(c) || c > 0x7F);
  }

  private static boolean isPunctuation(int c) {
    return c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c);
  }

  private static int character(RegexScanner in) throws UnknownRegexException {
    int c = in.next();
    return switch (c) {
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 'f' -> '\f';
      case 'v' -> 0x0B;
      case 'a' -> 7;
      case 'e' -> 0x1B;
      case 'x' -> in.peek() == '{' ? RegexScanner.hexadecimal(in.braced()) : ascii(in);
      case 'u' -> in.hexadecimal(4);
      default -> c;
    };
  }

  /** Two digits stand for a byte, which is a character in ASCII alone. */
  private static int ascii(RegexScanner in) throws UnknownRegexException {
    int c = in.hexadecimal(2);
    if (c > 0x7F) {
      throw new UnknownRegexException("a byte that is no character");
    }
    return c;
  }
}
