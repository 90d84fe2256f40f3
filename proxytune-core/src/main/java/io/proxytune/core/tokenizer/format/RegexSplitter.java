package io.proxytune.core.tokenizer.format;

import java.util.ArrayList;
import java.util.List;

/** Splits a regular expression that was already read into the sources of its alternatives. */
final class RegexSplitter {
  private RegexSplitter() {}

  static List<String> alternatives(String pattern) {
    List<String> sources = new ArrayList<>();
    int groups = 0;
    int classes = 0;
    int from = 0;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '[' || c == ']') {
        classes += c == '[' ? 1 : -1;
      } else if (classes == 0 && (c == '(' || c == ')')) {
        groups += c == '(' ? 1 : -1;
      } else if (c == '|' && groups == 0 && classes == 0) {
        sources.add(pattern.substring(from, i));
        from = i + 1;
      }
    }
    sources.add(pattern.substring(from));
    return sources;
  }
}
