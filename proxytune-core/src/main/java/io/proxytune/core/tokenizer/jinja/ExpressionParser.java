package io.proxytune.core.tokenizer.jinja;

import io.proxytune.core.tokenizer.jinja.Expression.CallArguments;
import io.proxytune.core.tokenizer.jinja.Expression.Literal;
import io.proxytune.core.tokenizer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Parses expressions, with one method for each level of precedence, from loose to tight. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<Kind> ARGUMENT_KINDS =
      Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);
  private static final Literal NONE = new Literal(None.NONE);
  private static final Literal LEFT_OUT = new Literal(None.NONE);

  private final TokenStream tokens;

  /** The names read since the last {@link #takeNames}: what a macro's body uses. */
  private Set<String> names = new HashSet<>();

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  Set<String> takeNames() {
    Set<String> taken = names;
    names = new HashSet<>();
    return taken;
  }

  Expression expression() {
    return tokens.nested(this::conditional);
  }

  private Expression conditional() {
    Expression value = withoutCondition();
    while (tokens.current().isName("if")) {
      int line = tokens.next().line();
      Expression condition = withoutCondition();
      Expression otherwise =
          tokens.skipName("else")
              ? expression()
              : new Literal(new Undefined("the inline if on line " + line + " has no else"));
      value = new Expression.Conditional(condition, value, otherwise);
    }
    return value;
  }

  /** An expression, or a tuple without parentheses. */
  Expression tuple() {
    return tuple(this::expression);
  }

  /** The same, where an {@code if} that follows is not part of it. */
  Expression tupleWithoutCondition() {
    return tuple(this::withoutCondition);
  }

  private Expression tuple(Supplier<Expression> parser) {
    List<Expression> items = new ArrayList<>();
    boolean comma = false;
    while (!endsTuple()) {
      items.add(parser.get());
      comma = tokens.skipOperator(",");
      if (!comma) {
        break;
      }
    }
    if (items.size() == 1 && !comma) {
      return items.get(0);
    } else if (items.isEmpty() && !tokens.current().isOperator(")")) {
      throw tokens.unexpected("an expression");
    }
    return new Expression.TupleLiteral(items);
  }

  private boolean endsTuple() {
    Token token = tokens.current();
    return token.kind() == Kind.OUTPUT_END
        || token.kind() == Kind.BLOCK_END
        || token.isOperator(")")
        || token.isName("recursive");
  }

  private Expression withoutCondition() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    return tokens.skipName("not") ? new Expression.Not(tokens.nested(this::not)) : comparison();
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    String operator;
    while ((operator = comparisonOperator()) != null) {
      operators.add(operator);
      others.add(sum());
    }
    return operators.isEmpty() ? first : new Expression.Comparison(first, operators, others);
  }

  private @Nullable String comparisonOperator() {
    Token token = tokens.current();
    if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
      return tokens.next().text();
    } else if (tokens.skipName("in")) {
      return "in";
    } else if (token.isName("not") && tokens.look().isName("in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    return binary(Set.of("+", "-"), this::concatenation);
  }

  private Expression concatenation() {
    List<Expression> parts = new ArrayList<>(List.of(product()));
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return parts.size() == 1 ? parts.get(0) : new Expression.Concatenation(parts);
  }

  private Expression product() {
    return binary(Set.of("*", "/", "//", "%"), this::power);
  }

  private Expression power() {
    return binary(Set.of("**"), () -> unary(true));
  }

  private Expression binary(Set<String> operators, Supplier<Expression> operand) {
    Expression left = operand.get();
    while (tokens.current().kind() == Kind.OPERATOR
        && operators.contains(tokens.current().text())) {
      String operator = tokens.next().text();
      left = new Expression.Binary(operator, left, operand.get());
    }
    return left;
  }

  private Expression unary(boolean filtered) {
    Expression value;
    if (tokens.skipOperator("-")) {
      value = new Expression.Sign(tokens.nested(() -> unary(false)), true);
    } else if (tokens.skipOperator("+")) {
      value = new Expression.Sign(tokens.nested(() -> unary(false)), false);
    } else {
      value = primary();
    }
    value = postfix(value);
    return filtered ? filters(value) : value;
  }

  private Expression primary() {
    Token token = tokens.current();
    return switch (token.kind()) {
      case NAME -> name(tokens.next().text());
      case STRING -> strings();
      case INTEGER -> new Literal(integer(tokens.next()));
      case FLOAT -> new Literal(Double.valueOf(tokens.next().text()));
      case OPERATOR -> bracketed();
      default -> throw tokens.unexpected("an expression");
    };
  }

  private Expression name(String name) {
    names.add(name);
    return switch (name) {
      case "true", "True" -> new Literal(true);
      case "false", "False" -> new Literal(false);
      case "none", "None" -> NONE;
      default -> new Expression.Name(name);
    };
  }

  /** String literals in a row are one. */
  private Expression strings() {
    StringBuilder text = new StringBuilder();
    while (tokens.current().kind() == Kind.STRING) {
      text.append(tokens.next().text());
    }
    return new Literal(text.toString());
  }

  private static Long integer(Token token) {
    String text = token.text();
    int radix = "xob".indexOf(Character.toLowerCase(text.length() > 1 ? text.charAt(1) : ' '));
    try {
      return radix < 0
          ? Long.valueOf(text)
          : Long.valueOf(text.substring(2), new int[] {16, 8, 2}[radix]);
    } catch (NumberFormatException e) {
      throw new TemplateException(token.line(), "the number " + text + " is too large");
    }
  }

  private Expression bracketed() {
    if (tokens.skipOperator("(")) {
      Expression value = tokens.nested(this::tuple);
      tokens.expectOperator(")");
      return value;
    } else if (tokens.skipOperator("[")) {
      List<Expression> items = new ArrayList<>();
      listed("]", () -> items.add(expression()));
      return new Expression.ListLiteral(items);
    } else if (tokens.skipOperator("{")) {
      List<Expression> keys = new ArrayList<>();
      List<Expression> values = new ArrayList<>();
      listed(
          "}",
          () -> {
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
          });
      return new Expression.DictLiteral(keys, values);
    }
    throw tokens.unexpected("an expression");
  }

  /** Reads items between commas up to a closing bracket; a comma may stand before it. */
  private void listed(String close, Runnable item) {
    while (!tokens.skipOperator(close)) {
      item.run();
      if (!tokens.skipOperator(",")) {
        tokens.expectOperator(close);
        return;
      }
    }
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.skipOperator(".")) {
        value = member(value);
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
        tokens.expectOperator("]");
      } else if (tokens.skipOperator("(")) {
        value = new Expression.Call(value, callArguments());
      } else {
        return value;
      }
    }
  }

  private Expression member(Expression object) {
    return tokens.current().kind() == Kind.INTEGER
        ? new Expression.Item(object, new Literal(integer(tokens.next())))
        : new Expression.Attribute(object, tokens.expectName());
  }

  private Expression subscript(Expression object) {
    Expression start = sliceBound();
    if (!tokens.skipOperator(":")) {
      if (start == LEFT_OUT) {
        throw tokens.unexpected("an expression");
      }
      return new Expression.Item(object, start);
    }
    Expression stop = sliceBound();
    Expression step = tokens.skipOperator(":") ? sliceBound() : LEFT_OUT;
    return new Expression.Slice(object, start, stop, step);
  }

  private Expression sliceBound() {
    boolean leftOut = tokens.current().isOperator(":") || tokens.current().isOperator("]");
    return leftOut ? LEFT_OUT : expression();
  }

  /** The arguments behind an opening parenthesis, and the closing one. */
  private CallArguments callArguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    @Nullable Expression[] spread = new @Nullable Expression[2];
    listed(
        ")",
        () -> {
          if (tokens.skipOperator("*")) {
            spread[0] = expression();
          } else if (tokens.skipOperator("**")) {
            spread[1] = expression();
          } else if (tokens.current().kind() == Kind.NAME && tokens.look().isOperator("=")) {
            String name = tokens.next().text();
            tokens.next();
            named.put(name, expression());
          } else if (named.isEmpty()) {
            positional.add(expression());
          } else {
            throw tokens.error("an argument without a name follows one with a name");
          }
        });
    return new CallArguments(positional, named, spread[0], spread[1]);
  }

  private Expression filters(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter().apply(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.skipOperator("(")) {
        value = new Expression.Call(value, callArguments());
      } else {
        return value;
      }
    }
  }

  /** A filter behind its bar, to be put around a value. */
  UnaryOperator<Expression> filter() {
    String name = dottedName();
    CallArguments arguments = tokens.skipOperator("(") ? callArguments() : CallArguments.NONE;
    return value -> new Expression.FilterCall(value, name, arguments);
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(tokens.expectName());
    while (tokens.skipOperator(".")) {
      name.append('.').append(tokens.expectName());
    }
    return name.toString();
  }

  private Expression test(Expression value) {
    boolean negated = tokens.skipName("not");
    String name = dottedName();
    Expression test = new Expression.TestCall(value, name, testArguments());
    return negated ? new Expression.Not(test) : test;
  }

  /** A test takes arguments in parentheses, or one without. */
  private CallArguments testArguments() {
    Token token = tokens.current();
    if (tokens.skipOperator("(")) {
      return callArguments();
    }
    boolean keyword = token.isName("else") || token.isName("or") || token.isName("and");
    boolean bracket = token.isOperator("[") || token.isOperator("{");
    if (keyword || !(bracket || ARGUMENT_KINDS.contains(token.kind()))) {
      return CallArguments.NONE;
    } else if (token.isName("is")) {
      throw tokens.error("tests can't be chained with is");
    }
    return CallArguments.of(postfix(primary()));
  }
}
