package io.proxytune.core.constraint;

import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The sets of characters that regular expressions have names for. */
final class CharacterClasses {
  static final CodePoints DIGIT = CodePoints.between('0', '9');

  static final CodePoints WORD =
      CodePoints.between('a', 'z')
          .or(CodePoints.between('A', 'Z'))
          .or(DIGIT)
          .or(CodePoints.of("_"));

  static final CodePoints SPACE = CodePoints.of(" \t\n\u000B\f\r");

  /** Spaces to ECMA-262 alone. */
  private static final CodePoints OTHER_SPACE =
      CodePoints.where(
          c -> c == '\u00A0' || c == '\uFEFF' || (Character.isSpaceChar(c) && c != ' '));

  static final CodePoints LINE_END = CodePoints.of("\n\r\u0085\u2028\u2029");

  /** The short names of general categories, by their number in {@link Character#getType}. */
  private static final String[] CATEGORIES =
      ("Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf ? Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi"
              + " Pf")
          .split(" ", -1);

  private static final ConcurrentMap<String, CodePoints> KNOWN = new ConcurrentHashMap<>();

  private CharacterClasses() {}

  /**
   * The set of a letter behind a backslash.
   *
   * <p>What is no space is none to Java nor to ECMA-262, so that a text is right to both.
   */
  static Optional<CodePoints> named(int letter) {
    return switch (letter) {
      case 'd' -> Optional.of(DIGIT);
      case 'D' -> Optional.of(DIGIT.complement());
      case 'w' -> Optional.of(WORD);
      case 'W' -> Optional.of(WORD.complement());
      case 's' -> Optional.of(SPACE);
      case 'S' -> Optional.of(SPACE.or(OTHER_SPACE).complement());
      default -> Optional.empty();
    };
  }

  /** The characters of a general category of Unicode, such as {@code L} or {@code Lu}. */
  static Optional<CodePoints> category(String name) {
    BitSet types = new BitSet();
    for (int type = 0; type < CATEGORIES.length; type++) {
      types.set(type, !name.isEmpty() && CATEGORIES[type].startsWith(name));
    }
    return types.isEmpty()
        ? Optional.empty()
        : Optional.of(
            KNOWN.computeIfAbsent(
                name, n -> CodePoints.where(c -> types.get(Character.getType(c)))));
  }
}
