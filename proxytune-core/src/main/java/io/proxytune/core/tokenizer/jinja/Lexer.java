package io.proxytune.core.tokenizer.jinja;

import com.google.common.base.CharMatcher;
import io.proxytune.core.tokenizer.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Cuts a template into tokens; all the rules of whitespace around tags are here. */
final class Lexer {
  private static final Pattern TAG = Pattern.compile("\\{[{%#]");
  private static final Pattern RAW = pattern("\\s*raw\\s*(?:-%\\}\\s*|%\\})");
  private static final Pattern ENDRAW =
      pattern("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final Pattern COMMENT_END = pattern("\\+#\\}|-#\\}\\s*|#\\}\\n?");
  private static final Pattern BLOCK_END = pattern("\\+%\\}|-%\\}\\s*|%\\}\\n?");
  private static final Pattern OUTPUT_END = pattern("-\\}\\}\\s*|\\}\\}");
  private static final Pattern SPACE = pattern("\\s+");

  /** What stands inside tags; the first that matches counts. */
  private static final List<Lexeme> LEXEMES =
      List.of(
          new Lexeme(
              Kind.FLOAT,
              "(?<!\\.)[0-9][0-9_]*"
                  + "(?:(?:\\.[0-9][0-9_]*)?[eE][+-]?[0-9][0-9_]*|\\.[0-9][0-9_]*)"),
          new Lexeme(Kind.INTEGER, "0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*"),
          new Lexeme(Kind.NAME, "[\\p{L}_]\\w*"),
          new Lexeme(Kind.STRING, "'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\""),
          new Lexeme(Kind.OPERATOR, "//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;]"));

  private record Lexeme(Kind kind, Pattern pattern) {
    Lexeme(Kind kind, String regex) {
      this(kind, Lexer.pattern(regex));
    }
  }

  /** Chars of the longest template; real ones have some ten thousand. */
  private static final int MAX_SOURCE = 1 << 20;

  /** Each regular expression that is tried for a token. */
  private static final int STEPS_PER_TOKEN = 100;

  private final Budget budget;
  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private final Deque<Character> open = new ArrayDeque<>();
  private int position;
  private int line = 1;

  /** Whether the last tag took the newline after it, so that text begins on a new line. */
  private boolean lineStarting = true;

  private Lexer(Budget budget, String source) {
    this.budget = budget;
    this.source = source;
  }

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.DOTALL | Pattern.UNICODE_CHARACTER_CLASS);
  }

  /**
   * Cuts a template.
   *
   * @param budget what it may use
   * @param source the template
   * @return its tokens; the last is {@link Kind#END}
   * @throws TemplateException if it is broken
   */
  static List<Token> tokenize(Budget budget, String source) {
    if (source.length() > MAX_SOURCE) {
      throw new TemplateException(
          1, "it is longer than " + MAX_SOURCE + " chars, got " + source.length());
    }
    String unix = source.replace("\r\n", "\n").replace('\r', '\n');
    Lexer lexer =
        new Lexer(budget, unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix);
    lexer.root();
    lexer.add(Kind.END, "");
    return lexer.tokens;
  }

  private void root() {
    Matcher tag = TAG.matcher(source);
    while (tag.find(position)) {
      char kind = source.charAt(tag.start() + 1);
      boolean signed = tag.end() < source.length() && "+-".indexOf(source.charAt(tag.end())) >= 0;
      char sign = signed ? source.charAt(tag.end()) : ' ';
      data(tag.start(), sign, kind != '{');
      advance(tag.end() + (signed ? 1 : 0));
      tag(kind);
    }
    data(source.length(), '+', false);
  }

  /** Emits the text up to a tag, without the whitespace that the tag takes. */
  private void data(int end, char sign, boolean stripIndent) {
    String text = source.substring(position, end);
    String kept = text;
    if (sign == '-') {
      kept = Text.stripEnd(text);
    } else if (sign != '+' && stripIndent) {
      int lineStart = text.lastIndexOf('\n') + 1;
      boolean blank = Text.stripEnd(text.substring(lineStart)).isEmpty();
      kept = blank && (lineStart > 0 || lineStarting) ? text.substring(0, lineStart) : text;
    }
    if (!kept.isEmpty()) {
      add(Kind.DATA, kept);
    }
    advance(end);
  }

  private void tag(char kind) {
    if (kind == '#') {
      Matcher end = COMMENT_END.matcher(source);
      if (!end.find(position)) {
        throw error("missing end of comment tag");
      }
      advance(end.end());
    } else if (kind == '{') {
      code(Kind.OUTPUT_BEGIN, Kind.OUTPUT_END, OUTPUT_END);
    } else if (accept(RAW) != null) {
      raw();
    } else {
      code(Kind.BLOCK_BEGIN, Kind.BLOCK_END, BLOCK_END);
    }
  }

  private void raw() {
    Matcher end = ENDRAW.matcher(source);
    if (!end.find(position)) {
      throw error("missing end of raw directive");
    }
    String sign = end.group(1);
    data(end.start(), sign.isEmpty() ? ' ' : sign.charAt(0), true);
    advance(end.end());
  }

  private void code(Kind beginKind, Kind endKind, Pattern end) {
    add(beginKind, "");
    while (position < source.length()) {
      budget.at(line);
      budget.work(STEPS_PER_TOKEN);
      int endLine = line;
      if (open.isEmpty() && accept(end) != null) {
        tokens.add(new Token(endKind, "", endLine));
        return;
      }
      if (accept(SPACE) == null) {
        token();
      }
    }
    throw error("unexpected end of template, expected the end of the tag");
  }

  private void token() {
    int start = line;
    for (Lexeme lexeme : LEXEMES) {
      Matcher match = accept(lexeme.pattern);
      if (match != null) {
        if (lexeme.kind == Kind.OPERATOR) {
          balance(match.group().charAt(0));
        }
        tokens.add(new Token(lexeme.kind, value(lexeme.kind, match.group(), start), start));
        return;
      }
    }
    throw error("unexpected char '" + source.charAt(position) + "'");
  }

  private String value(Kind kind, String text, int start) {
    return switch (kind) {
      case FLOAT, INTEGER -> text.replace("_", "");
      case STRING -> StringLiteral.unescape(text.substring(1, text.length() - 1), start);
      default -> text;
    };
  }

  private void balance(char c) {
    int opening = "([{".indexOf(c);
    if (opening >= 0) {
      open.push(")]}".charAt(opening));
    } else if (")]}".indexOf(c) >= 0 && (open.isEmpty() || open.pop() != c)) {
      throw error("unexpected '" + c + "'");
    }
  }

  /** Takes what matches here, or null. */
  private @Nullable Matcher accept(Pattern pattern) {
    Matcher matcher = pattern.matcher(source);
    matcher.region(position, source.length()).useTransparentBounds(true);
    if (!matcher.lookingAt()) {
      return null;
    }
    advance(matcher.end());
    return matcher;
  }

  private void advance(int end) {
    line += CharMatcher.is('\n').countIn(source.substring(position, end));
    if (end > position) {
      lineStarting = source.charAt(end - 1) == '\n';
    }
    position = end;
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private TemplateException error(String message) {
    return new TemplateException(line, message);
  }
}
