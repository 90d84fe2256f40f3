package io.proxytune.examples.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.core.training.TrainingReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How the loss fell. Immutable.
 *
 * @param losses the loss of each step, in nats
 * @param heldOut the held-out loss after some steps
 */
public record LossCurve(List<Double> losses, NavigableMap<Integer, Double> heldOut) {
  private static final String HEADER = "step,loss,held_out_loss\n";
  private static final String BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

  /** Steps whose mean is called the last loss: a single step says little. */
  private static final int LAST_STEPS = 20;

  /**
   * The curve of a training.
   *
   * @param report how it went
   * @return its losses
   */
  public static LossCurve of(TrainingReport report) {
    return new LossCurve(report.losses(), report.heldOutLosses());
  }

  /**
   * The mean loss of the last steps.
   *
   * @return nats; NaN if there was no step
   */
  public double last() {
    return mean(Math.max(0, losses.size() - LAST_STEPS), losses.size());
  }

  /**
   * The curve as one line of bars, the first steps at the left.
   *
   * @param width how many bars at most, at least 1
   * @return the line; empty if there was no step
   */
  public String sparkline(int width) {
    int bars = Math.min(width, losses.size());
    List<Double> heights =
        IntStream.range(0, bars)
            .mapToObj(i -> mean(edge(i, bars), Math.max(edge(i, bars) + 1, edge(i + 1, bars))))
            .toList();
    double low = heights.stream().mapToDouble(height -> height).min().orElse(0);
    double high = heights.stream().mapToDouble(height -> height).max().orElse(0);
    return heights.stream().map(height -> bar(height, low, high)).collect(Collectors.joining());
  }

  private int edge(int bar, int bars) {
    return (int) ((long) losses.size() * bar / bars);
  }

  private double mean(int from, int to) {
    return losses.subList(from, to).stream().mapToDouble(loss -> loss).average().orElse(Double.NaN);
  }

  private static String bar(double height, double low, double high) {
    double share = high > low ? (height - low) / (high - low) : 0;
    return BARS.substring((int) (share * 7), (int) (share * 7) + 1);
  }

  /**
   * Whether nothing but an older curve would be lost if one were written there.
   *
   * @param file where
   * @return whether there is no file or a loss curve; a link is neither
   * @throws UncheckedIOException if the file can't be read
   */
  static boolean isReplaceable(Path file) {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(HEADER.length()), UTF_8).equals(HEADER);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read: " + e.getMessage(), e);
    }
  }

  /**
   * Writes the columns {@code step,loss,held_out_loss}, the last one empty where it was not
   * measured.
   *
   * @param file where; replaced if it is there, a link itself and not what it leads to
   * @throws UncheckedIOException if it can't be written
   */
  public void writeCsv(Path file) {
    String rows =
        IntStream.rangeClosed(1, losses.size()).mapToObj(this::row).collect(Collectors.joining());
    try {
      Files.deleteIfExists(file);
      Files.writeString(file, HEADER + rows, UTF_8, StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
    }
  }

  private String row(int step) {
    Double measured = heldOut.get(step);
    String last = measured == null ? "" : String.format(Locale.ROOT, "%.5f", measured);
    return String.format(Locale.ROOT, "%d,%.5f,%s%n", step, losses.get(step - 1), last)
        .replace(System.lineSeparator(), "\n");
  }
}
