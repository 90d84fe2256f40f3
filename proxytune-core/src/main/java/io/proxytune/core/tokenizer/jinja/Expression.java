package io.proxytune.core.tokenizer.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An expression that computes a value. */
interface Expression {
  Object evaluate(Scope scope);

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
      Map<Object, Object> dict = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        dict.put(keys.get(i).evaluate(scope), values.get(i).evaluate(scope));
      }
      return dict;
    }
  }

  /** {@code object.name}. */
  record Attribute(Expression object, String name) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Access.attribute(object.evaluate(scope), name);
    }
  }

  /** {@code object[key]}. */
  record Item(Expression object, Expression key) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Access.item(object.evaluate(scope), key.evaluate(scope));
    }
  }

  /** {@code object[start:stop:step]}; bounds that are left out are literals of None. */
  record Slice(Expression object, Expression start, Expression stop, Expression step)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object value = object.evaluate(scope);
      return Access.slice(
          value,
          new @Nullable Long[] {bound(start, scope), bound(stop, scope), bound(step, scope)});
    }

    private static @Nullable Long bound(Expression bound, Scope scope) {
      Object value = bound.evaluate(scope);
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
      List<Object> values = new ArrayList<>(evaluateAll(positional, scope));
      if (spread != null) {
        values.addAll(Values.items(spread.evaluate(scope)));
      }
      Map<String, Object> keywords = new LinkedHashMap<>();
      named.forEach((name, value) -> keywords.put(name, value.evaluate(scope)));
      if (namedSpread != null && namedSpread.evaluate(scope) instanceof Map<?, ?> more) {
        more.forEach((name, value) -> keywords.put(Text.of(name), value));
      }
      return new Arguments(values, keywords);
    }
  }

  /** {@code callee(arguments)}. */
  record Call(Expression callee, CallArguments arguments) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      scope.limits().step();
      Object function = callee.evaluate(scope);
      if (function instanceof Invocable invocable) {
        return invocable.call(arguments.evaluate(scope));
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
      scope.limits().step();
      return Filters.apply(name, value.evaluate(scope), arguments.evaluate(scope));
    }
  }

  /** {@code value is name arguments}. */
  record TestCall(Expression value, String name, CallArguments arguments) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Tests.holds(name, value.evaluate(scope), arguments.evaluate(scope));
    }
  }

  /** {@code not value}. */
  record Not(Expression value) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return !Values.truth(value.evaluate(scope));
    }
  }

  /** {@code -value}, or {@code +value}, which only numbers allow. */
  record Sign(Expression value, boolean negative) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object negated = Arithmetic.negate(value.evaluate(scope));
      return negative ? negated : Arithmetic.negate(negated);
    }
  }

  /** {@code left and right}: the operand that decides. */
  record And(Expression left, Expression right) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object value = left.evaluate(scope);
      return Values.truth(value) ? right.evaluate(scope) : value;
    }
  }

  /** {@code left or right}: the operand that decides. */
  record Or(Expression left, Expression right) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object value = left.evaluate(scope);
      return Values.truth(value) ? value : right.evaluate(scope);
    }
  }

  /** Arithmetic. */
  record Binary(String operator, Expression left, Expression right) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Arithmetic.apply(operator, left.evaluate(scope), right.evaluate(scope));
    }
  }

  /** {@code a ~ b ~ c}. */
  record Concatenation(List<Expression> parts) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Text.join("", evaluateAll(parts, scope).stream().map(Text::of).toList());
    }
  }

  /** {@code first < a <= b}: holds where each neighbouring pair does. */
  record Comparison(Expression first, List<String> operators, List<Expression> others)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object left = first.evaluate(scope);
      for (int i = 0; i < operators.size(); i++) {
        Object right = others.get(i).evaluate(scope);
        if (!holds(operators.get(i), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }

    private static boolean holds(String operator, Object left, Object right) {
      return switch (operator) {
        case "==" -> Values.equal(left, right);
        case "!=" -> !Values.equal(left, right);
        case "in" -> Values.contains(right, left);
        case "not in" -> !Values.contains(right, left);
        default -> Tests.holds(operator, left, new Arguments(List.of(right), Map.of()));
      };
    }
  }

  /** {@code then if condition else otherwise}. */
  record Conditional(Expression condition, Expression then, Expression otherwise)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Values.truth(condition.evaluate(scope))
          ? then.evaluate(scope)
          : otherwise.evaluate(scope);
    }
  }

  private static List<Object> evaluateAll(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>();
    expressions.forEach(expression -> values.add(expression.evaluate(scope)));
    return values;
  }
}
