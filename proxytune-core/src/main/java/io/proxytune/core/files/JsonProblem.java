package io.proxytune.core.files;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what is wrong with a JSON text, for those who know the file and not the parser. */
final class JsonProblem {
  private static final int SHOWN_BEFORE = 24;
  private static final int SHOWN_AFTER = 16;

  private static final Pattern DUPLICATE = Pattern.compile("(?s)Duplicate .*?'(.*)'");

  private JsonProblem() {}

  static InvalidJsonException of(JsonProcessingException e, JsonParser parser, String text) {
    JsonLocation location = e.getLocation() == null ? parser.currentLocation() : e.getLocation();
    if (e instanceof StreamConstraintsException) {
      return at(location, limit(e.getOriginalMessage()));
    }
    if (e instanceof JsonEOFException || location.getCharOffset() >= text.length()) {
      return at(location, "the text ends here, before the JSON does: it was cut short");
    }
    Matcher duplicate = DUPLICATE.matcher(e.getOriginalMessage());
    if (duplicate.matches()) {
      return at(location, lenientFormat("the key %s occurs again", quote(duplicate.group(1))));
    }
    return at(location, unexpected(text, (int) location.getCharOffset()));
  }

  static InvalidJsonException trailing(JsonParser parser, String text) {
    JsonLocation location = parser.currentTokenLocation();
    String got = quote(after(text, (int) location.getCharOffset()));
    return at(location, "expected nothing after the JSON object or value, got " + got);
  }

  static InvalidJsonException at(JsonLocation location, String problem) {
    return new InvalidJsonException(location.getLineNr(), location.getColumnNr(), problem);
  }

  private static String limit(String message) {
    if (message.contains("nesting depth")) {
      return lenientFormat("its brackets are nested more than %s deep", JsonText.MAX_DEPTH);
    }
    if (message.contains("Number") || message.contains("BigDecimal")) {
      return lenientFormat("it holds a number of more than %s digits", JsonText.MAX_DIGITS);
    }
    return "it holds too many values for a file of its kind";
  }

  private static String unexpected(String text, int offset) {
    String before = text.substring(0, Math.min(offset, text.length()));
    String line = before.substring(before.lastIndexOf('\n') + 1);
    String shown = line.substring(Math.max(0, line.length() - SHOWN_BEFORE));
    String place = shown.isBlank() ? "here" : "after " + quote(shown);
    return lenientFormat(
        "JSON can't have %s %s%s", quote(after(text, offset)), place, hint(text, offset));
  }

  private static String hint(String text, int offset) {
    String rest = after(text, offset);
    String before = text.substring(0, Math.min(offset, text.length())).stripTrailing();
    if (before.isEmpty() && rest.startsWith("<")) {
      return " (it looks like a web page: download the file itself)";
    }
    if (before.endsWith(",") && (rest.startsWith("}") || rest.startsWith("]"))) {
      return " (no comma may come before a closing bracket)";
    }
    if (rest.startsWith("'")) {
      return " (texts and keys stand in double quotes)";
    }
    if (rest.startsWith("/") || rest.startsWith("#")) {
      return " (it has no comments)";
    }
    if (rest.startsWith("True") || rest.startsWith("False") || rest.startsWith("None")) {
      return " (Python's True, False and None are written true, false and null)";
    }
    boolean control = !rest.isEmpty() && rest.charAt(0) < ' ';
    return control ? " (line breaks and control characters in a text are escaped)" : "";
  }

  private static String after(String text, int offset) {
    int from = Math.min(offset, text.length());
    return text.substring(from, Math.min(text.length(), from + SHOWN_AFTER));
  }

  private static String quote(String text) {
    return JsonOutput.compact(TextNode.valueOf(JsonText.cut(text)));
  }
}
