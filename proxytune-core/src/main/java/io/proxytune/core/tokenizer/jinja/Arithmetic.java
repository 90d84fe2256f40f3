package io.proxytune.core.tokenizer.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Python's operators on numbers, texts and lists. Integers that overflow 64 bits fail. */
final class Arithmetic {
  private Arithmetic() {}

  static Object apply(Budget budget, String operator, Object a, Object b) {
    try {
      return switch (operator) {
        case "+" -> add(budget, a, b);
        case "-" -> numeric(operator, a, b, Math::subtractExact, (x, y) -> x - y);
        case "*" -> multiply(budget, a, b);
        case "/" -> divide(a, b);
        case "//" -> numeric(operator, a, b, Arithmetic::floorDivide, Arithmetic::floorDivide);
        case "%" -> modulo(a, b);
        default -> power(a, b);
      };
    } catch (ArithmeticException e) {
      throw new TemplateException("'" + operator + "' failed: " + e.getMessage());
    }
  }

  static Object negate(Object value) {
    if (!Values.isNumber(value)) {
      throw Values.unsupported("-", 0L, value);
    }
    return value instanceof Double d ? (Object) (-d) : Math.negateExact(Values.toLong(value));
  }

  private static Object add(Budget budget, Object a, Object b) {
    if (a instanceof String left && b instanceof String right) {
      return Text.concat(budget, left, right);
    } else if (a instanceof List<?> left && b instanceof List<?> right) {
      return concat(budget, left, right);
    } else if (a instanceof Tuple left && b instanceof Tuple right) {
      return new Tuple(concat(budget, left.items(), right.items()));
    }
    return numeric("+", a, b, Math::addExact, Double::sum);
  }

  private static List<Object> concat(Budget budget, List<?> a, List<?> b) {
    return new ListWriter(budget).addAll(a).addAll(b).list();
  }

  private static Object multiply(Budget budget, Object a, Object b) {
    if (a instanceof String text && Values.isInteger(b)) {
      return Text.repeat(budget, text, Values.toLong(b));
    } else if (a instanceof List<?> list && Values.isInteger(b)) {
      return repeat(budget, list, Values.toLong(b));
    } else if (a instanceof Tuple tuple && Values.isInteger(b)) {
      return new Tuple(repeat(budget, tuple.items(), Values.toLong(b)));
    } else if (Values.isInteger(a)
        && (b instanceof String || b instanceof List || b instanceof Tuple)) {
      return multiply(budget, b, a);
    }
    return numeric("*", a, b, Math::multiplyExact, (x, y) -> x * y);
  }

  private static List<Object> repeat(Budget budget, List<?> list, long count) {
    ListWriter repeated = new ListWriter(budget);
    for (long i = 0; i < count && !list.isEmpty(); i++) {
      repeated.addAll(list);
    }
    return repeated.list();
  }

  private static Object divide(Object a, Object b) {
    if (Values.isNumber(b) && Values.toDouble(b) == 0) {
      throw new ArithmeticException("division by zero");
    }
    return numeric("/", a, b, null, (x, y) -> x / y);
  }

  private static long floorDivide(long a, long b) {
    if (a == Long.MIN_VALUE && b == -1) {
      throw new ArithmeticException("long overflow");
    }
    return Math.floorDiv(a, b);
  }

  private static double floorDivide(double a, double b) {
    if (b == 0) {
      throw new ArithmeticException("division by zero");
    }
    return Math.floor(a / b);
  }

  private static Object modulo(Object a, Object b) {
    return numeric("%", a, b, Math::floorMod, (x, y) -> x - y * floorDivide(x, y));
  }

  private static Object power(Object a, Object b) {
    boolean whole = Values.isInteger(a) && Values.isInteger(b) && Values.toLong(b) >= 0;
    return whole
        ? (Object) BigInteger.valueOf(Values.toLong(a)).pow(smallExponent(b)).longValueExact()
        : numeric("**", a, b, null, Arithmetic::power);
  }

  /** Python raises an exception, or goes on with a complex number. */
  private static double power(double a, double b) {
    double power = Math.pow(a, b);
    if (!Double.isFinite(power) && Double.isFinite(a) && Double.isFinite(b)) {
      throw new ArithmeticException("the result is no number, or too large for one");
    }
    return power;
  }

  private static int smallExponent(Object exponent) {
    if (Values.toLong(exponent) > Short.MAX_VALUE) {
      throw new ArithmeticException("the exponent is too large");
    }
    return (int) Values.toLong(exponent);
  }

  private static Object numeric(
      String operator,
      Object a,
      Object b,
      @Nullable LongBinaryOperator integers,
      DoubleBinaryOperator reals) {
    if (!Values.isNumber(a) || !Values.isNumber(b)) {
      throw Values.unsupported(operator, a, b);
    }
    boolean whole = integers != null && Values.isInteger(a) && Values.isInteger(b);
    return whole
        ? (Object) integers.applyAsLong(Values.toLong(a), Values.toLong(b))
        : (Object) reals.applyAsDouble(Values.toDouble(a), Values.toDouble(b));
  }
}
