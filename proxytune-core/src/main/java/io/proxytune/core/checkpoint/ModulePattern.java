package io.proxytune.core.checkpoint;

import com.google.common.base.Strings;
import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.files.JsonText;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression for the names of modules, as Python has them. It comes from a file, and may
 * be made to go on for ever: each question has a budget. Immutable.
 */
final class ModulePattern {
  /** Characters read for one name; honest expressions read some hundred. */
  private static final int MAX_READS = 1_000_000;

  private static final int MAX_LENGTH = 10_000;

  private final ConfigJson config;
  private final String key;
  private final String python;
  private final Pattern pattern;

  private ModulePattern(ConfigJson config, String key, String python, Pattern pattern) {
    this.config = config;
    this.key = key;
    this.python = python;
    this.pattern = pattern;
  }

  /**
   * Compiles an expression.
   *
   * @param config where it is from, for messages
   * @param key its key there
   * @param python the expression
   * @param before what comes before it, as Java writes it
   * @param after what comes after it
   */
  static ModulePattern compile(
      ConfigJson config, String key, String python, String before, String after) {
    if (python.length() > MAX_LENGTH) {
      throw config.refusal(key, "made of expressions of at most " + MAX_LENGTH + " characters");
    }
    try {
      Pattern.compile(PythonPattern.translate(python, "")); // whether it is valid as it is
      String counted = before + PythonPattern.translate(python, PythonPattern.READ) + after;
      return new ModulePattern(config, key, python, Pattern.compile(counted));
    } catch (PatternSyntaxException e) {
      throw config.refusal(key, "made of valid regular expressions (" + e.getDescription() + ")");
    } catch (StackOverflowError e) {
      throw config.refusal(key, "made of regular expressions that are not nested so deep");
    }
  }

  /** Whether a whole name fits. */
  boolean matches(String module) {
    return ask(module, Matcher::matches);
  }

  /** Whether a name's beginning fits. */
  boolean fitsStart(String module) {
    return ask(module, Matcher::lookingAt);
  }

  /** What the last group of the expression holds, where a name's beginning fits. */
  Optional<String> lastGroup(String module) {
    return ask(
        module,
        matcher ->
            matcher.lookingAt()
                ? Optional.ofNullable(matcher.group(matcher.groupCount()))
                : Optional.empty());
  }

  private <T> T ask(String module, Function<Matcher, T> question) {
    try {
      return question.apply(pattern.matcher(new CountedText(module)));
    } catch (OutOfBudget | StackOverflowError e) {
      throw new CheckpointException(
          Strings.lenientFormat(
              "%s: the regular expression \"%s\" of %s goes on without an end for the module %s;"
                  + " write it without nested repetition",
              config.file(), JsonText.cut(python), key, module));
    }
  }

  /** Ends a match from within. */
  private static final class OutOfBudget extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfBudget() {
      super(null, null, false, false);
    }
  }

  /** A text that can be read so often. For one match. */
  private static final class CountedText implements CharSequence {
    private final String text;
    private int reads;

    CountedText(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++reads > MAX_READS) {
        throw new OutOfBudget();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
