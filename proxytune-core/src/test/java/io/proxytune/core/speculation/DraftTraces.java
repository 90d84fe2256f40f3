package io.proxytune.core.speculation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Texts of the shipped family, and where its expert picks the same token. */
final class DraftTraces {
  private static final String FILE = "/golden/drafts/traces.txt";

  private DraftTraces() {}

  /** The texts of some tasks, in the order of the file. */
  static List<SimulatedText> of(String... tasks) {
    Set<String> wanted = Set.of(tasks);
    return lines().stream()
        .map(line -> line.split("\\|"))
        .filter(parts -> wanted.contains(parts[0]))
        .map(parts -> new SimulatedText(ids(parts[1]), ids(parts[2]), right(parts[3])))
        .toList();
  }

  private static List<String> lines() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(DraftTraces.class.getResourceAsStream(FILE), FILE),
                StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("#")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int[] ids(String joined) {
    return Arrays.stream(joined.split(",")).mapToInt(Integer::parseInt).toArray();
  }

  private static boolean[] right(String digits) {
    boolean[] right = new boolean[digits.length()];
    for (int i = 0; i < right.length; i++) {
      right[i] = digits.charAt(i) == '1';
    }
    return right;
  }
}
