package io.proxytune.core.checkpoint;

import com.google.common.base.Preconditions;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Python's regular expressions, as far as they are used to name modules. */
final class ModulePattern {
  private ModulePattern() {}

  /**
   * Compiles an expression.
   *
   * @param config where it is from, for messages
   * @param key its key there
   * @param python the expression
   * @param before what comes before it, as Java writes it
   * @param after what comes after it
   */
  static Pattern compile(
      ConfigJson config, String key, String python, String before, String after) {
    Preconditions.checkNotNull(python, "python");
    // Named groups are the one thing written otherwise that occurs in practice.
    String java = python.replace("(?P<", "(?<").replaceAll("\\(\\?P=(\\w+)\\)", "\\\\k<$1>");
    try {
      return Pattern.compile(before + java + after);
    } catch (PatternSyntaxException e) {
      throw config.refusal(key, "made of valid regular expressions (" + e.getDescription() + ")");
    }
  }
}
