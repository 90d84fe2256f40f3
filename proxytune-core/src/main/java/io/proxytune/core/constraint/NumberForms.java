package io.proxytune.core.constraint;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Numbers between bounds, digit by digit. They are written without an exponent. */
final class NumberForms {
  private static final int USUAL_FRACTION_DIGITS = 6;

  private NumberForms() {}

  /**
   * A bound.
   *
   * @param isInside whether the bound itself is allowed
   */
  record Bound(BigDecimal value, boolean isInside) {}

  /**
   * Numbers between bounds.
   *
   * @param least the lower bound, if there is one
   * @param most the upper one
   * @param integers whether they have no fraction
   */
  static Form between(Optional<Bound> least, Optional<Bound> most, boolean integers) {
    List<Form> all = new ArrayList<>();
    int fraction = integers ? 0 : Math.max(USUAL_FRACTION_DIGITS, scale(least, most));
    for (int digits = 0; digits <= Math.min(fraction, JsonForms.MOST_FRACTION_DIGITS); digits++) {
      addScaled(all, lowest(least, digits), highest(most, digits), digits);
    }
    return new Form.AnyOf(all);
  }

  private static int scale(Optional<Bound> least, Optional<Bound> most) {
    int ofLeast = least.map(bound -> bound.value.scale()).orElse(0);
    return Math.max(ofLeast, most.map(bound -> bound.value.scale()).orElse(0));
  }

  /** The lowest number of so many digits behind the point, without its point. */
  private static BigInteger lowest(Optional<Bound> least, int digits) {
    BigInteger smallest = BigInteger.TEN.pow(JsonForms.MOST_INTEGER_DIGITS + digits).negate();
    BigInteger first = smallest.add(BigInteger.ONE);
    if (least.isEmpty()) {
      return first;
    }
    BigDecimal scaled = least.get().value.scaleByPowerOfTen(digits);
    BigInteger up = scaled.setScale(0, RoundingMode.CEILING).toBigInteger();
    boolean isBound = scaled.compareTo(new BigDecimal(up)) == 0;
    return first.max(isBound && !least.get().isInside ? up.add(BigInteger.ONE) : up);
  }

  private static BigInteger highest(Optional<Bound> most, int digits) {
    Optional<Bound> mirrored = most.map(bound -> new Bound(bound.value.negate(), bound.isInside));
    return lowest(mirrored, digits).negate();
  }

  private static void addScaled(List<Form> all, BigInteger low, BigInteger high, int digits) {
    addMagnitudes(all, Form.EMPTY, low.max(BigInteger.ZERO), high, digits);
    addMagnitudes(all, Form.text("-"), high.negate().max(BigInteger.ONE), low.negate(), digits);
  }

  /** Digits have a length of their own each, and at least one before the point. */
  private static void addMagnitudes(
      List<Form> all, Form sign, BigInteger low, BigInteger high, int digits) {
    for (int length = digits + 1; length <= JsonForms.MOST_INTEGER_DIGITS + digits; length++) {
      BigInteger first = length == digits + 1 ? BigInteger.ZERO : BigInteger.TEN.pow(length - 1);
      BigInteger from = low.max(first);
      BigInteger to = high.min(BigInteger.TEN.pow(length).subtract(BigInteger.ONE));
      if (from.compareTo(to) <= 0) {
        Digits range = new Digits(padded(from, length), padded(to, length), length - digits);
        all.add(Form.sequence(sign, range.form(0, true, true)));
      }
    }
  }

  private static String padded(BigInteger number, int length) {
    String digits = number.toString();
    return "0".repeat(length - digits.length()) + digits;
  }

  /**
   * Numbers of one length.
   *
   * @param low the lowest
   * @param high the highest, as long
   * @param point how many digits stand before the point
   */
  private record Digits(String low, String high, int point) {
    /** The digits from one on, where those before are the lowest, or the highest, there can be. */
    Form form(int at, boolean isLow, boolean isHigh) {
      if (at == low.length()) {
        return Form.EMPTY;
      }
      Form before = at == point ? Form.text(".") : Form.EMPTY;
      if (!isLow && !isHigh) {
        return Form.sequence(before, digit('0', '9'), form(at + 1, false, false));
      }
      char first = isLow ? low.charAt(at) : '0';
      char last = isHigh ? high.charAt(at) : '9';
      if (first == last) {
        return Form.sequence(before, digit(first, last), form(at + 1, isLow, isHigh));
      }
      List<Form> all = new ArrayList<>();
      if (isLow) {
        all.add(Form.sequence(digit(first, first), form(at + 1, true, false)));
      }
      char inner = (char) (first + (isLow ? 1 : 0));
      char innerLast = (char) (last - (isHigh ? 1 : 0));
      if (inner <= innerLast) {
        all.add(Form.sequence(digit(inner, innerLast), form(at + 1, false, false)));
      }
      if (isHigh) {
        all.add(Form.sequence(digit(last, last), form(at + 1, false, true)));
      }
      return Form.sequence(before, new Form.AnyOf(all));
    }

    private static Form digit(char from, char to) {
      return new Form.OneOf(CodePoints.between(from, to));
    }
  }
}
