package io.proxytune.core.tokenizer.format;

import java.util.List;

/**
 * The characters that one place of a pattern matches, as far as they are known here: the native
 * library has Unicode tables of its own, so a character may be in, out, or in doubt.
 */
interface CharacterSet {
  /** Whether a character is in a set. */
  enum Answer {
    NO,
    MAYBE,
    YES;

    Answer not() {
      return switch (this) {
        case NO -> YES;
        case MAYBE -> MAYBE;
        case YES -> NO;
      };
    }

    static Answer of(boolean known) {
      return known ? YES : NO;
    }
  }

  /**
   * Whether a character is in this set.
   *
   * @param codePoint the character
   * @return the answer
   */
  Answer holds(int codePoint);

  /** Whether a character can't be ruled out. */
  default boolean mayHold(int codePoint) {
    return holds(codePoint) != Answer.NO;
  }

  default CharacterSet negated() {
    return c -> holds(c).not();
  }

  /** A set that holds what one of some sets holds. */
  static CharacterSet any(List<CharacterSet> sets) {
    return c -> {
      Answer best = Answer.NO;
      for (CharacterSet set : sets) {
        Answer answer = set.holds(c);
        best = answer.compareTo(best) > 0 ? answer : best;
      }
      return best;
    };
  }

  /** A set that holds what both sets hold. */
  static CharacterSet both(CharacterSet one, CharacterSet other) {
    return c -> one.holds(c).compareTo(other.holds(c)) < 0 ? one.holds(c) : other.holds(c);
  }

  static CharacterSet range(int from, int to) {
    return c -> Answer.of(c >= from && c <= to);
  }

  /** A set that doesn't tell lower from upper case. */
  default CharacterSet ignoringCase() {
    return c ->
        any(List.of(
                this,
                x -> holds(Character.toLowerCase(x)),
                x -> holds(Character.toUpperCase(x)),
                x -> hasNoCase(x) ? Answer.NO : Answer.MAYBE))
            .holds(c);
  }

  CharacterSet WHITESPACE =
      c ->
          Answer.of(
              (c >= 9 && c <= 13)
                  || c == ' '
                  || c == 0x85
                  || c == 0xA0
                  || c == 0x1680
                  || (c >= 0x2000 && c <= 0x200A)
                  || c == 0x2028
                  || c == 0x2029
                  || c == 0x202F
                  || c == 0x205F
                  || c == 0x3000);

  CharacterSet ANY = c -> Answer.MAYBE;

  /**
   * The characters with a Unicode property.
   *
   * @param name a general category, such as {@code L} or {@code Lu}; every other property leaves
   *     every character in doubt
   */
  static CharacterSet property(String name) {
    int mask = category(name);
    return mask == 0
        ? ANY
        : c -> isSettled(c) ? Answer.of((mask >> typeOf(c) & 1) != 0) : Answer.MAYBE;
  }

  /** Whether a character is certainly no other case of another one. */
  private static boolean hasNoCase(int c) {
    int withoutCase = category("Nd") | category("P") | category("S") | category("Z");
    int mask = withoutCase | bits(Character.OTHER_LETTER);
    return c < 0x80 || WHITESPACE.mayHold(c) || (isSettled(c) && (mask >> typeOf(c) & 1) != 0);
  }

  /** Whether every version of Unicode says the same of a character. */
  private static boolean isSettled(int c) {
    return c < Character.MIN_SUPPLEMENTARY_CODE_POINT && typeOf(c) != Character.UNASSIGNED;
  }

  private static int typeOf(int c) {
    return Character.getType(c);
  }

  private static int category(String name) {
    return switch (name) {
      case "L" -> bits(1, 2, 3, 4, 5);
      case "Lu" -> bits(Character.UPPERCASE_LETTER);
      case "Ll" -> bits(Character.LOWERCASE_LETTER);
      case "Lt" -> bits(Character.TITLECASE_LETTER);
      case "Lm" -> bits(Character.MODIFIER_LETTER);
      case "Lo" -> bits(Character.OTHER_LETTER);
      case "M" -> bits(6, 7, 8);
      case "N" -> bits(9, 10, 11);
      case "Nd" -> bits(Character.DECIMAL_DIGIT_NUMBER);
      case "Z" -> bits(12, 13, 14);
      case "P" -> bits(20, 21, 22, 23, 24, 29, 30);
      case "S" -> bits(25, 26, 27, 28);
      default -> 0;
    };
  }

  private static int bits(int... types) {
    int mask = 0;
    for (int type : types) {
      mask |= 1 << type;
    }
    return mask;
  }
}
