package io.proxytune.core;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the weights of a model's linear layers are rounded when it is loaded: immutable. Embedding,
 * norms and biases stay as they are, and so does the output head unless {@link #withHead} says
 * otherwise; activations keep the model's dtype.
 *
 * <p>The textual form is {@code none}, {@code int8}, {@code int4} or {@code int4:GROUP}, followed
 * by {@code +head} where the head is included.
 *
 * @param scheme the number format of a weight
 * @param group how many neighbouring weights of a row share a scale and an offset; 0 where the
 *     whole row shares one
 * @param head whether the output head is quantized too; a tied one then takes memory beside the
 *     embedding
 */
public record Quantization(Scheme scheme, int group, boolean head) {
  /** The number format of a quantized weight. */
  public enum Scheme {
    /** As loaded. */
    NONE,
    /** 8 bits, symmetric around 0, one float32 scale a row. */
    INT8,
    /** 4 bits, one bfloat16 scale and offset a group. */
    INT4
  }

  /** The group of {@link #int4()}: the most accurate of those allowed. */
  public static final int DEFAULT_GROUP = 32;

  /** int4's kernels take whole blocks of so many rows: a matrix is padded to them. */
  private static final int INT4_ROWS = 64;

  private static final List<Integer> GROUPS = List.of(32, 64, 128);

  private static final Pattern TEXT =
      Pattern.compile("(?:(none)|(int8)|int4(?::([0-9]{1,4}))?)(\\+head)?");

  public Quantization {
    requireNonNull(scheme, "scheme");
    if (scheme == Scheme.INT4) {
      checkArgument(
          GROUPS.contains(group), "the group of int4 must be 32, 64 or 128 weights, got %s", group);
    } else {
      checkArgument(group == 0, "only int4 has groups, got %s", group);
    }
    checkArgument(scheme != Scheme.NONE || !head, "without quantization the head has none either");
  }

  /**
   * No quantization: the weights as the dtype says.
   *
   * @return the default
   */
  public static Quantization none() {
    return new Quantization(Scheme.NONE, 0, false);
  }

  /**
   * 8 bits a weight: half of bfloat16.
   *
   * @return int8, the head as it is
   */
  public static Quantization int8() {
    return new Quantization(Scheme.INT8, 0, false);
  }

  /**
   * 4 bits a weight in groups of {@value #DEFAULT_GROUP}, 5 with their scales and offsets.
   *
   * @return int4, the head as it is
   */
  public static Quantization int4() {
    return int4(DEFAULT_GROUP);
  }

  /**
   * 4 bits a weight.
   *
   * @param group 32, 64 or 128: larger takes less memory and is less accurate
   * @return int4, the head as it is
   */
  public static Quantization int4(int group) {
    return new Quantization(Scheme.INT4, group, false);
  }

  /**
   * The same with the output head quantized or not.
   *
   * @param head whether to include it
   * @return a new quantization
   */
  public Quantization withHead(boolean head) {
    return new Quantization(scheme, group, head);
  }

  /**
   * Reads the textual form.
   *
   * @param text {@code none}, {@code int8}, {@code int4}, {@code int4:64}, {@code int8+head}, …
   * @return the quantization
   * @throws IllegalArgumentException if the text is none of these
   */
  public static Quantization parse(String text) {
    Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT));
    boolean head = text.indexOf('+') >= 0;
    checkArgument(
        matcher.matches() && !(matcher.group(1) != null && head),
        "quantization must be none, int8, int4 or int4:GROUP with a group of 32, 64 or 128, and"
            + " may end in +head; got \"%s\"",
        text);
    if (matcher.group(1) != null) {
      return none();
    }
    Quantization layers = matcher.group(2) != null ? int8() : int4(group(matcher.group(3)));
    return layers.withHead(head);
  }

  private static int group(@Nullable String digits) {
    return digits == null ? DEFAULT_GROUP : Integer.parseInt(digits);
  }

  /**
   * Whether anything is quantized.
   *
   * @return true for int8 and int4
   */
  public boolean isSome() {
    return scheme != Scheme.NONE;
  }

  /**
   * What a quantized matrix takes in memory, with its scales and offsets.
   *
   * @param rows its outputs, at least 0
   * @param columns its inputs, at least 0
   * @return bytes
   * @throws IllegalStateException if nothing is quantized
   */
  public long bytes(long rows, long columns) {
    return switch (scheme) {
      case NONE -> throw new IllegalStateException("none quantizes nothing");
      case INT8 -> rows * columns + rows * Float.BYTES;
      case INT4 -> int4Bytes(rows, columns);
    };
  }

  /** Rows are padded to whole groups, and their number to {@value #INT4_ROWS}. */
  private long int4Bytes(long rows, long columns) {
    long bytesPerGroup = group / 2L + 2L * Short.BYTES;
    return roundUp(rows, INT4_ROWS) * (roundUp(columns, group) / group) * bytesPerGroup;
  }

  private static long roundUp(long value, long multiple) {
    return Math.floorDiv(value + multiple - 1, multiple) * multiple;
  }

  /** The textual form, which {@link #parse} reads. */
  @Override
  public String toString() {
    String layers =
        switch (scheme) {
          case NONE -> "none";
          case INT8 -> "int8";
          case INT4 -> "int4:" + group;
        };
    return head ? layers + "+head" : layers;
  }
}
