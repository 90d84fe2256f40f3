package io.proxytune.core.tokenizer.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An expression that computes a value. */
interface Expression {
  /** Computes the value; only {@link #value} calls it. */
  Object evaluate(Scope scope);

  /** The value, one level deeper than what asks for it. */
  default Object value(Scope scope) {
    scope.budget().enter();
    Object value = evaluate(scope);
    scope.budget().leave();
    return value;
  }

  /** A constant. */
  record Literal(Object value) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return value;
    }
  }

  /** A variable. */
  record Name(String name) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return scope.get(name);
    }
  }

  /** {@code [a, b]}. */
  record ListLiteral(List<Expression> items) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return evaluateAll(items, scope);
    }
  }

  /** {@code (a, b)}. */
  record TupleLiteral(List<Expression> items) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return new Tuple(evaluateAll(items, scope));
    }
  }

  /** {@code {a: b}}. */
  record DictLiteral(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      DictWriter dict = new DictWriter(scope.budget());
      for (int i = 0; i < keys.size(); i++) {
        dict.put(keys.get(i).value(scope), values.get(i).value(scope));
      }
      return dict.dict();
    }
  }

  /** {@code object.name}. */
  record Attribute(Expression object, String name) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Access.attribute(scope.budget(), object.value(scope), name);
    }
  }

  /** {@code object[key]}. */
  record Item(Expression object, Expression key) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Access.item(scope.budget(), object.value(scope), key.value(scope));
    }
  }

  /** {@code object[start:stop:step]}; bounds that are left out are literals of None. */
  record Slice(Expression object, Expression start, Expression stop, Expression step)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object value = object.value(scope);
      return io.proxytune.core.tokenizer.jinja.Slice.of(
          scope.budget(),
          value,
          new @Nullable Long[] {bound(start, scope), bound(stop, scope), bound(step, scope)});
    }

    private static @Nullable Long bound(Expression bound, Scope scope) {
      Object value = bound.value(scope);
      return value == None.NONE ? null : (Long) Values.toLong(value);
    }
  }

  /** The arguments of a call, with {@code *spread} and {@code **namedSpread} where given. */
  record CallArguments(
      List<Expression> positional,
      Map<String, Expression> named,
      @Nullable Expression spread,
      @Nullable Expression namedSpread) {
    static final CallArguments NONE = new CallArguments(List.of(), Map.of(), null, null);

    static CallArguments of(Expression argument) {
      return new CallArguments(List.of(argument), Map.of(), null, null);
    }

    Arguments evaluate(Scope scope) {
      Budget budget = scope.budget();
      ListWriter values = new ListWriter(budget);
      positional.forEach(argument -> values.add(argument.value(scope)));
      if (spread != null) {
        values.addAll(Values.items(budget, spread.value(scope)));
      }
      Map<String, Object> keywords = new LinkedHashMap<>();
      named.forEach((name, value) -> keywords.put(name, value.value(scope)));
      if (namedSpread != null && namedSpread.value(scope) instanceof Map<?, ?> more) {
        more.forEach((name, value) -> keywords.put(Text.of(budget, name), value));
        budget.newItems(more.size());
      }
      return new Arguments(budget, values.list(), keywords);
    }
  }

  /** {@code callee(arguments)}. */
  record Call(Expression callee, CallArguments arguments) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object function = callee.value(scope);
      if (function instanceof Invocable invocable) {
        return Operations.call(invocable, arguments.evaluate(scope));
      } else if (function instanceof Undefined undefined) {
        throw undefined.failure();
      }
      throw new TemplateException("'" + Values.typeName(function) + "' object is not callable");
    }
  }

  /** {@code value | name(arguments)}. */
  record FilterCall(Expression value, String name, CallArguments arguments) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Filters.apply(name, value.value(scope), arguments.evaluate(scope));
    }
  }

  /** {@code value is name arguments}. */
  record TestCall(Expression value, String name, CallArguments arguments) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Tests.holds(name, value.value(scope), arguments.evaluate(scope));
    }
  }

  /** {@code not value}. */
  record Not(Expression value) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return !Values.truth(value.value(scope));
    }
  }

  /** {@code -value}, or {@code +value}, which only numbers allow. */
  record Sign(Expression value, boolean negative) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object negated = Arithmetic.negate(value.value(scope));
      return negative ? negated : Arithmetic.negate(negated);
    }
  }

  /** {@code left and right}: the operand that decides. */
  record And(Expression left, Expression right) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object value = left.value(scope);
      return Values.truth(value) ? right.value(scope) : value;
    }
  }

  /** {@code left or right}: the operand that decides. */
  record Or(Expression left, Expression right) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object value = left.value(scope);
      return Values.truth(value) ? value : right.value(scope);
    }
  }

  /** Arithmetic. */
  record Binary(String operator, Expression left, Expression right) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Arithmetic.apply(scope.budget(), operator, left.value(scope), right.value(scope));
    }
  }

  /** {@code a ~ b ~ c}. */
  record Concatenation(List<Expression> parts) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      TextWriter text = new TextWriter(scope.budget());
      evaluateAll(parts, scope).forEach(part -> Text.write(text, part));
      return text.toString();
    }
  }

  /** {@code first < a <= b}: holds where each neighbouring pair does. */
  record Comparison(Expression first, List<String> operators, List<Expression> others)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object left = first.value(scope);
      for (int i = 0; i < operators.size(); i++) {
        Object right = others.get(i).value(scope);
        if (!holds(scope.budget(), operators.get(i), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }

    private static boolean holds(Budget budget, String operator, Object left, Object right) {
      return switch (operator) {
        case "==" -> Values.equal(budget, left, right);
        case "!=" -> !Values.equal(budget, left, right);
        case "<" -> Values.compare(budget, left, right) < 0;
        case "<=" -> Values.compare(budget, left, right) <= 0;
        case ">" -> Values.compare(budget, left, right) > 0;
        case ">=" -> Values.compare(budget, left, right) >= 0;
        case "in" -> Values.contains(budget, right, left);
        default -> !Values.contains(budget, right, left);
      };
    }
  }

  /** {@code then if condition else otherwise}. */
  record Conditional(Expression condition, Expression then, Expression otherwise)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Values.truth(condition.value(scope)) ? then.value(scope) : otherwise.value(scope);
    }
  }

  private static List<Object> evaluateAll(List<Expression> expressions, Scope scope) {
    ListWriter values = new ListWriter(scope.budget());
    expressions.forEach(expression -> values.add(expression.value(scope)));
    return values.list();
  }
}
