package io.proxytune.core.tokenizer.jinja;

import io.proxytune.core.tokenizer.jinja.Expression.CallArguments;
import io.proxytune.core.tokenizer.jinja.Expression.Literal;
import io.proxytune.core.tokenizer.jinja.Statement.Flow;
import io.proxytune.core.tokenizer.jinja.Statement.Sequence;
import io.proxytune.core.tokenizer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Parses statements. */
final class TemplateParser {
  private static final Statement NOTHING = new Sequence(List.of());

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int loops;

  private TemplateParser(TokenStream tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  /**
   * Parses a template.
   *
   * @param budget what parsing may use
   * @param source the template
   * @return what it does
   * @throws TemplateException if it is broken
   */
  static Statement parse(Budget budget, String source) {
    return new TemplateParser(new TokenStream(Lexer.tokenize(budget, source))).body(Set.of());
  }

  /** Statements up to one of some tags, whose name is the next token then. */
  private Statement body(Set<String> ends) {
    List<Statement> statements = new ArrayList<>();
    while (tokens.current().kind() != Kind.END) {
      Token token = tokens.next();
      if (token.kind() == Kind.DATA) {
        statements.add(new Statement.Data(token.text()));
      } else if (token.kind() == Kind.OUTPUT_BEGIN) {
        Statement print = new Statement.Print(expressions.tuple());
        tokens.expect(Kind.OUTPUT_END, "end of print statement");
        statements.add(new Statement.Located(token.line(), print));
      } else if (ends.contains(tokens.current().text())) {
        return new Sequence(statements);
      } else {
        statements.add(
            new Statement.Located(tokens.current().line(), tokens.nested(this::statement)));
      }
    }
    if (!ends.isEmpty()) {
      throw tokens.unexpected("one of the tags " + ends);
    }
    return new Sequence(statements);
  }

  /** Statements up to a tag, which is read too. */
  private Statement bodyUntil(String end) {
    endTag();
    Statement body = body(Set.of(end));
    tokens.expectName(end);
    endTag();
    return body;
  }

  private void endTag() {
    tokens.expect(Kind.BLOCK_END, "end of statement block");
  }

  private Statement statement() {
    Token tag = tokens.expect(Kind.NAME, "a tag name");
    return switch (tag.text()) {
      case "if" -> ifStatement();
      case "for" -> forStatement();
      case "set" -> setStatement();
      case "macro" -> macro();
      case "call" -> callBlock();
      case "filter" -> filterBlock();
      case "with" -> with();
      case "generation" -> new Statement.Scoped(List.of(), bodyUntil("endgeneration"));
      case "print" -> print();
      case "break" -> jump(Flow.BREAK, tag);
      case "continue" -> jump(Flow.CONTINUE, tag);
      default ->
          throw new TemplateException(
              tag.line(), "unknown or unsupported tag '" + tag.text() + "'");
    };
  }

  private Statement print() {
    Expression value = expressions.tuple();
    endTag();
    return new Statement.Print(value);
  }

  private Statement jump(Flow flow, Token tag) {
    if (loops == 0) {
      throw new TemplateException(tag.line(), "'" + tag.text() + "' stands outside of a loop");
    }
    endTag();
    return new Statement.Jump(flow);
  }

  private Statement ifStatement() {
    List<Statement.Branch> branches = new ArrayList<>();
    Token end;
    do {
      int line = tokens.current().line();
      Expression condition = expressions.tupleWithoutCondition();
      endTag();
      branches.add(new Statement.Branch(line, condition, body(Set.of("elif", "else", "endif"))));
      end = tokens.next();
    } while (end.isName("elif"));
    if (end.isName("else")) {
      return new Statement.If(branches, bodyUntil("endif"));
    }
    endTag();
    return new Statement.If(branches, NOTHING);
  }

  private Statement forStatement() {
    Target target = target(false);
    tokens.expectName("in");
    Expression iterable = expressions.tupleWithoutCondition();
    Expression condition = tokens.skipName("if") ? expressions.expression() : new Literal(true);
    boolean recursive = tokens.skipName("recursive");
    endTag();
    loops++;
    Statement body = body(Set.of("else", "endfor"));
    loops--;
    boolean hasElse = tokens.next().isName("else");
    Statement otherwise = hasElse ? bodyUntil("endfor") : NOTHING;
    if (!hasElse) {
      endTag();
    }
    return new Statement.For(target, iterable, condition, recursive, body, otherwise);
  }

  /** One target or several between commas, perhaps in parentheses. */
  private Target target(boolean attributes) {
    List<Target> targets = new ArrayList<>();
    boolean comma = false;
    do {
      if (comma && (tokens.current().isName("in") || tokens.current().isOperator("="))) {
        break;
      }
      targets.add(singleTarget(attributes));
      comma = tokens.skipOperator(",") || (comma && targets.size() > 1);
    } while (comma && !endsTargets());
    return targets.size() == 1 && !comma ? targets.get(0) : new Target.ToEach(targets);
  }

  private boolean endsTargets() {
    Token token = tokens.current();
    return token.isName("in")
        || token.isOperator("=")
        || token.isOperator(")")
        || token.isOperator("|")
        || token.kind() == Kind.BLOCK_END;
  }

  private Target singleTarget(boolean attributes) {
    if (tokens.skipOperator("(")) {
      Target inner = tokens.nested(() -> target(attributes));
      tokens.expectOperator(")");
      return inner;
    }
    String name = tokens.expectName();
    return attributes && tokens.skipOperator(".")
        ? new Target.ToAttribute(name, tokens.expectName())
        : new Target.ToName(name);
  }

  private Statement setStatement() {
    Target target = target(true);
    if (tokens.skipOperator("=")) {
      Expression value = expressions.tuple();
      endTag();
      return new Statement.Set(target, value);
    }
    List<UnaryOperator<Expression>> filters = new ArrayList<>();
    while (tokens.skipOperator("|")) {
      filters.add(expressions.filter());
    }
    return new Statement.Set(target, filtered(bodyUntil("endset"), filters));
  }

  private static Expression filtered(Statement body, List<UnaryOperator<Expression>> filters) {
    Expression value = new Statement.Capture(body);
    for (UnaryOperator<Expression> filter : filters) {
      value = filter.apply(value);
    }
    return value;
  }

  private Statement filterBlock() {
    List<UnaryOperator<Expression>> filters = new ArrayList<>();
    do {
      filters.add(expressions.filter());
    } while (tokens.skipOperator("|"));
    return new Statement.Print(filtered(bodyUntil("endfilter"), filters));
  }

  private Statement with() {
    List<Statement.Set> variables = new ArrayList<>();
    while (tokens.current().kind() != Kind.BLOCK_END) {
      Target target = singleTarget(false);
      tokens.expectOperator("=");
      variables.add(new Statement.Set(target, expressions.expression()));
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    return new Statement.Scoped(variables, bodyUntil("endwith"));
  }

  private Statement macro() {
    String name = tokens.expectName();
    tokens.expectOperator("(");
    return new Statement.Set(new Target.ToName(name), definition(name, "endmacro"));
  }

  private Statement callBlock() {
    // The parameters of the body come before the call: read them, then the call, then the body.
    boolean parameters = tokens.skipOperator("(");
    List<String> names = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    if (parameters) {
      signature(names, defaults);
    }
    Expression value = expressions.expression();
    if (!(value instanceof Expression.Call call)) {
      throw tokens.unexpected("a call");
    }
    Expression caller = macroBody("caller", names, defaults, "endcall");
    CallArguments given = call.arguments();
    Map<String, Expression> named = new LinkedHashMap<>(given.named());
    named.put("caller", caller);
    CallArguments arguments =
        new CallArguments(given.positional(), named, given.spread(), given.namedSpread());
    return new Statement.Print(new Expression.Call(call.callee(), arguments));
  }

  private Expression definition(String name, String end) {
    List<String> names = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    signature(names, defaults);
    return macroBody(name, names, defaults, end);
  }

  /** Parameters behind an opening parenthesis, and the closing one. */
  private void signature(List<String> names, List<Expression> defaults) {
    while (!tokens.skipOperator(")")) {
      if (!names.isEmpty()) {
        tokens.expectOperator(",");
      }
      names.add(tokens.expectName());
      if (tokens.skipOperator("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw tokens.error("a parameter without a default follows one with a default");
      }
    }
  }

  private Expression macroBody(
      String name, List<String> names, List<Expression> defaults, String end) {
    int loopsAround = loops;
    loops = 0;
    Set<String> before = expressions.takeNames();
    Statement body = bodyUntil(end);
    Set<String> used = expressions.takeNames();
    boolean takesMore = used.contains("varargs") || used.contains("kwargs");
    before.addAll(used);
    loops = loopsAround;
    return new Macro.Definition(name, names, defaults, takesMore, body);
  }
}
