package io.proxytune.core.tokenizer.jinja;

import io.proxytune.core.tokenizer.jinja.Token.Kind;
import java.util.List;
import java.util.function.Supplier;

/** The tokens that a parser has still to read. */
final class TokenStream {
  /** Levels of statements, brackets and signs in each other: more than Jinja2 itself can parse. */
  private static final int MAX_DEPTH = 100;

  private final List<Token> tokens;
  private int position;
  private int depth;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** Parses something one level deeper. */
  <T> T nested(Supplier<T> parser) {
    if (++depth > MAX_DEPTH) {
      throw error("it is nested more than " + MAX_DEPTH + " levels deep");
    }
    T parsed = parser.get();
    depth--;
    return parsed;
  }

  Token current() {
    return tokens.get(position);
  }

  Token look() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = current();
    position = Math.min(position + 1, tokens.size() - 1);
    return token;
  }

  boolean skipName(String name) {
    boolean found = current().isName(name);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipOperator(String operator) {
    boolean found = current().isOperator(operator);
    if (found) {
      next();
    }
    return found;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected(operator);
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected(name);
    }
  }

  Token expect(Kind kind, String described) {
    if (current().kind() != kind) {
      throw unexpected(described);
    }
    return next();
  }

  String expectName() {
    return expect(Kind.NAME, "a name").text();
  }

  TemplateException unexpected(String expected) {
    return error("expected " + expected + ", got '" + current().described() + "'");
  }

  TemplateException error(String message) {
    return new TemplateException(current().line(), message);
  }
}
