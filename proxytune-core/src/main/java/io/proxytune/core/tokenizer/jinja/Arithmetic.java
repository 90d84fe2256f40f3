package io.proxytune.core.tokenizer.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Python's operators on numbers, texts and lists. Integers that overflow 64 bits fail. */
final class Arithmetic {
  private Arithmetic() {}

  static Object apply(String operator, Object a, Object b) {
    try {
      return switch (operator) {
        case "+" -> add(a, b);
        case "-" -> numeric(operator, a, b, Math::subtractExact, (x, y) -> x - y);
        case "*" -> multiply(a, b);
        case "/" -> divide(a, b);
        case "//" -> numeric(operator, a, b, Math::floorDiv, Arithmetic::floorDivide);
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

  private static Object add(Object a, Object b) {
    if (a instanceof String left && b instanceof String right) {
      return Text.concat(left, right);
    } else if (a instanceof List<?> left && b instanceof List<?> right) {
      return concat(left, right);
    } else if (a instanceof Tuple left && b instanceof Tuple right) {
      return new Tuple(concat(left.items(), right.items()));
    }
    return numeric("+", a, b, Math::addExact, Double::sum);
  }

  private static List<Object> concat(List<?> a, List<?> b) {
    Limits.checkItems((long) a.size() + b.size());
    List<Object> joined = new ArrayList<>(a);
    joined.addAll(b);
    return joined;
  }

  private static Object multiply(Object a, Object b) {
    if (a instanceof String text && Values.isInteger(b)) {
      return Text.repeat(text, Values.toLong(b));
    } else if (a instanceof List<?> list && Values.isInteger(b)) {
      return repeat(list, Math.max(0, Values.toLong(b)));
    } else if (Values.isInteger(a) && (b instanceof String || b instanceof List)) {
      return multiply(b, a);
    }
    return numeric("*", a, b, Math::multiplyExact, (x, y) -> x * y);
  }

  private static List<Object> repeat(List<?> list, long count) {
    Limits.checkItems(Math.multiplyExact(count, (long) list.size()));
    List<Object> repeated = new ArrayList<>();
    for (long i = 0; i < count && !list.isEmpty(); i++) {
      repeated.addAll(list);
    }
    return repeated;
  }

  private static Object divide(Object a, Object b) {
    if (Values.isNumber(b) && Values.toDouble(b) == 0) {
      throw new ArithmeticException("division by zero");
    }
    return numeric("/", a, b, null, (x, y) -> x / y);
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
        : numeric("**", a, b, null, Math::pow);
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
