package io.proxytune.core.tokenizer.format;

import io.proxytune.core.tokenizer.format.RegexNode.Choice;
import io.proxytune.core.tokenizer.format.RegexParser.UnknownRegexException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A regular expression whose worst case is known.
 *
 * @param runs what a text must not hold for the search to stay within its limits
 * @param shortest the fewest characters of a match
 * @param takesPrintable whether a match may have a printable character of ASCII
 */
record SafePattern(List<RunLimit> runs, long shortest, boolean takesPrintable) {
  /** Patterns of real tokenizers have some hundred characters; some list whole alphabets. */
  private static final int MOST_CHARACTERS = 10_000;

  /** The native engine gives up, and the process with it, after ten million steps back. */
  private static final int MOST_RETRIES = 10_000_000;

  /** Where every place of a run may cost as much as the run is long. */
  private static final int QUADRATIC_RUN = 4096;

  /** What GPT-4's and Llama 3's patterns, and those like them, do with whitespace. */
  private static final Set<String> WHITESPACE_TAILS =
      Set.of("\\s*[\\r\\n]+", "\\s*[\\r\\n]", "\\s+(?!\\S)", "\\s++$", "\\s+$");

  private static final String MOST_OF_A_RUN = "\\s+(?!\\S)";
  private static final String REST_OF_A_RUN = "\\s+";

  /** The words of GPT-4o's pattern and those like it: capitals, then what are none. */
  private static final String CAPITALS = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";

  private static final String OTHERS = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String BEFORE_WORD = "[^\\r\\n\\p{L}\\p{N}]?";

  /**
   * Checks a regular expression.
   *
   * @param field where it stands
   * @return its worst case
   */
  static SafePattern of(Field field) {
    String pattern = field.nonEmptyText();
    field.check(pattern.length() <= MOST_CHARACTERS, "at most " + MOST_CHARACTERS + " characters");
    try {
      Choice choice = RegexParser.parse(pattern);
      return new SafePattern(
          runs(pattern, choice),
          Backtracking.shortest(choice),
          Backtracking.mayTake(choice, ' ' + 1, '~'));
    } catch (UnknownRegexException e) {
      throw field.problem(
          "is a regular expression that can't be shown to be safe: it has " + e.getMessage());
    }
  }

  /**
   * The worst case of a search for a text.
   *
   * @param text what is looked for
   * @return the worst case
   */
  static SafePattern literal(String text) {
    return new SafePattern(
        List.of(),
        text.codePointCount(0, text.length()),
        text.chars().anyMatch(c -> c > ' ' && c <= '~'));
  }

  private static List<RunLimit> runs(String pattern, Choice choice) throws UnknownRegexException {
    List<RegexNode> farLooking = new ArrayList<>();
    double factor = 0;
    for (RegexNode option : choice.options()) {
      Growth steps = Backtracking.failing(option);
      if (steps.degree() > 1) {
        throw new UnknownRegexException("loops whose cost grows with the square of a run of text");
      }
      if (steps.degree() == 1) {
        farLooking.add(option);
        factor += steps.factor();
      }
    }
    int retries = (int) (MOST_RETRIES / (2 * Math.max(1, factor)));
    int most = isSwept(pattern, choice) ? retries : Math.min(retries, QUADRATIC_RUN);
    return farLooking.stream()
        .map(option -> new RunLimit(CharacterSet.any(Backtracking.loops(option)), most))
        .toList();
  }

  /**
   * Whether one try takes at least what the failed ones before it looked at, so that a text costs
   * what it is long. That is so if only the known forms for whitespace and words look far ahead.
   */
  private static boolean isSwept(String pattern, Choice choice) throws UnknownRegexException {
    List<String> sources = RegexSplitter.alternatives(pattern);
    List<RegexNode> options = choice.options();
    if (sources.size() != options.size()) {
      return false;
    }
    boolean mostOfARun = false;
    for (int i = 0; i < sources.size(); i++) {
      String source = sources.get(i);
      mostOfARun |= source.equals(MOST_OF_A_RUN);
      if (Backtracking.failing(options.get(i)).degree() > 0) {
        if (!WHITESPACE_TAILS.contains(source) && !isWordOfCapitals(sources, i)) {
          return false;
        }
      } else if (!source.equals(REST_OF_A_RUN)
          && Backtracking.takesWhitespaceAlone(options.get(i))) {
        return false;
      }
    }
    return mostOfARun && sources.get(sources.size() - 1).equals(REST_OF_A_RUN);
  }

  /** What the first form can't take because nothing follows its capitals, the second takes. */
  private static boolean isWordOfCapitals(List<String> sources, int i) {
    return sources.get(i).startsWith(BEFORE_WORD + CAPITALS + "*" + OTHERS + "+")
        && i + 1 < sources.size()
        && sources.get(i + 1).startsWith(BEFORE_WORD + CAPITALS + "+" + OTHERS + "*");
  }
}
