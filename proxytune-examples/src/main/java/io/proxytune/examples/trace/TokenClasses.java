package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Classes of tokens that a user names: each with regular expressions, and what these find in a text
 * is of the class. A token is of a class where one of its characters that are no blanks was found;
 * it may be of several. Immutable.
 */
public final class TokenClasses {
  /** No classes. */
  public static final TokenClasses NONE = new TokenClasses(Map.of());

  private final Map<String, List<Pattern>> patterns;

  private TokenClasses(Map<String, List<Pattern>> patterns) {
    this.patterns = patterns;
  }

  /**
   * Reads an object whose members are lists of regular expressions.
   *
   * @param source what messages begin with
   * @throws IllegalArgumentException if the text is anything else
   */
  public static TokenClasses parse(String source, String text) {
    JsonNode json;
    try {
      json = JsonText.parse(text);
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException(source + " is no JSON, " + e.getMessage(), e);
    }
    if (!json.isObject() || json.isEmpty()) {
      throw refused(source, "it must be an object such as {\"numbers\": [\"[0-9]+\"]}", null);
    }
    Map<String, List<Pattern>> patterns = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      patterns.put(member.getKey(), patterns(source, member.getKey(), member.getValue()));
    }
    return new TokenClasses(patterns);
  }

  private static List<Pattern> patterns(String source, String name, JsonNode list) {
    List<Pattern> patterns = new ArrayList<>();
    if (!list.isArray() || list.isEmpty()) {
      throw refused(source, "\"" + name + "\" must be a list of regular expressions", null);
    }
    for (JsonNode one : list) {
      if (!one.isTextual()) {
        throw refused(source, "\"" + name + "\" must hold texts, got " + one, null);
      }
      try {
        patterns.add(Pattern.compile(one.textValue(), Pattern.MULTILINE));
      } catch (PatternSyntaxException e) {
        throw refused(source, "\"" + name + "\": " + e.getMessage(), e);
      }
    }
    return List.copyOf(patterns);
  }

  private static IllegalArgumentException refused(
      String source, String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(source + ": " + why, cause);
  }

  /** Their names, in the order of the file. */
  List<String> names() {
    return List.copyOf(patterns.keySet());
  }

  /** As they were read. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    patterns.forEach(
        (name, list) -> {
          ArrayNode all = json.putArray(name);
          list.forEach(one -> all.add(one.pattern()));
        });
    return json;
  }

  /** The tokens of a class. */
  List<TracedToken> of(String name, List<TracedToken> tokens) {
    StringBuilder text = new StringBuilder();
    tokens.forEach(token -> text.append(token.text()));
    BitSet found = new BitSet();
    for (Pattern pattern : patterns.getOrDefault(name, List.of())) {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        found.set(matcher.start(), matcher.end());
      }
    }
    List<TracedToken> inside = new ArrayList<>();
    int start = 0;
    for (TracedToken token : tokens) {
      int end = start + token.text().length();
      if (hasOne(found, text, start, end)) {
        inside.add(token);
      }
      start = end;
    }
    return inside;
  }

  private static boolean hasOne(BitSet found, CharSequence text, int start, int end) {
    for (int i = found.nextSetBit(start); i >= 0 && i < end; i = found.nextSetBit(i + 1)) {
      if (!Character.isWhitespace(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }
}
