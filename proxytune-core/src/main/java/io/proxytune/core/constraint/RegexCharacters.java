package io.proxytune.core.constraint;

import static com.google.common.base.Strings.lenientFormat;

/** The characters of a regular expression, one after another. For one thread. */
final class RegexCharacters {
  private static final int HEX = 16;
  private static final String CONTROLS = "tnrfv";
  private static final String CONTROL_CHARACTERS = "\t\n\r\f\u000B";

  private final String expression;
  private final int[] characters;
  private int at;

  RegexCharacters(String expression) {
    this.expression = expression;
    this.characters = expression.codePoints().toArray();
  }

  IllegalArgumentException refused(String what) {
    return new IllegalArgumentException(
        lenientFormat(
            "the regular expression '%s' has %s, near character %s: that is not supported",
            expression, what, at));
  }

  boolean isAtEnd() {
    return at == characters.length;
  }

  int peek() {
    if (isAtEnd()) {
      throw refused("an end too early");
    }
    return characters[at];
  }

  int next() {
    int c = peek();
    at++;
    return c;
  }

  boolean take(int c) {
    if (isAtEnd() || characters[at] != c) {
      return false;
    }
    at++;
    return true;
  }

  boolean isAt(String any) {
    return !isAtEnd() && any.indexOf(peek()) >= 0;
  }

  boolean isDigit() {
    return !isAtEnd() && peek() >= '0' && peek() <= '9';
  }

  /** The character that comes next, for messages. */
  String shown() {
    return isAtEnd() ? "" : Character.toString(peek());
  }

  int number() {
    int digits = 0;
    int number = 0;
    int mostDigits = 9;
    while (isDigit() && digits++ < mostDigits) {
      number = 10 * number + next() - '0';
    }
    if (digits == 0 || isDigit()) {
      throw refused("a { that counts nothing");
    }
    return number;
  }

  void groupName() {
    if (isAt("=!")) {
      throw refused("a look behind");
    }
    while (next() != '>') {
      // names change nothing
    }
  }

  /** What stands behind a [. */
  CodePoints characterClass() {
    boolean negated = take('^');
    CodePoints all = CodePoints.of("");
    boolean empty = true;
    while (empty || !isAt("]")) {
      all = all.or(classItem());
      empty = false;
    }
    next();
    return negated ? all.complement() : all;
  }

  private CodePoints classItem() {
    boolean isIntersection = isAt("&") && at + 1 < characters.length && characters[at + 1] == '&';
    if (isAt("[]") || isIntersection) {
      throw refused("a [, ] or && in a class, which needs a \\ to stand for itself");
    }
    CodePoints first = classCharacters();
    boolean isRange = isAt("-") && at + 1 < characters.length && characters[at + 1] != ']';
    if (!isRange) {
      return first;
    }
    next();
    CodePoints last = classCharacters();
    if (first.single().isEmpty() || last.single().isEmpty()) {
      throw refused("a range between what are no characters");
    }
    int low = first.single().getAsInt();
    int high = last.single().getAsInt();
    if (low > high) {
      throw refused("a range that ends before it begins");
    }
    return CodePoints.between(low, high);
  }

  private CodePoints classCharacters() {
    int c = next();
    return c == '\\' ? escaped(true) : CodePoints.between(c, c);
  }

  /** What stands behind a backslash. */
  CodePoints escaped(boolean inClass) {
    int c = next();
    int control = CONTROLS.indexOf(c);
    if (control >= 0) {
      return CodePoints.of(CONTROL_CHARACTERS.substring(control, control + 1));
    }
    if (c == 'p' || c == 'P') {
      CodePoints property = property();
      return c == 'p' ? property : property.complement();
    }
    if (c == 'x' || c == 'u') {
      int character = hex(c == 'x' ? 2 : 4);
      return CodePoints.between(character, character);
    }
    boolean isLetter = c < 0x80 && Character.isLetterOrDigit(c);
    if (!isLetter) {
      return CodePoints.between(c, c);
    }
    return CharacterClasses.named(c)
        .orElseThrow(() -> refused("the escape \\" + (char) c + (inClass ? " in a class" : "")));
  }

  private CodePoints property() {
    StringBuilder name = new StringBuilder();
    if (take('{')) {
      while (!take('}')) {
        name.appendCodePoint(next());
      }
    } else {
      name.appendCodePoint(next());
    }
    return CharacterClasses.category(name.toString())
        .orElseThrow(() -> refused("the property '" + name + "'"));
  }

  private int hex(int digits) {
    boolean braced = take('{');
    int most = braced ? 6 : digits;
    int count = 0;
    int value = 0;
    while (count < most && !isAtEnd() && Character.digit(peek(), HEX) >= 0) {
      value = HEX * value + Character.digit(next(), HEX);
      count++;
    }
    boolean complete = braced ? count > 0 && take('}') : count == digits;
    boolean isCharacter =
        Character.isValidCodePoint(value)
            && (value < Character.MIN_SURROGATE || value > Character.MAX_SURROGATE);
    if (!complete || !isCharacter) {
      throw refused("a number that is no character's");
    }
    return value;
  }
}
