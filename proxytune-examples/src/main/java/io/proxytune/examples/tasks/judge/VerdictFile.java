package io.proxytune.examples.tasks.judge;

import io.proxytune.examples.tasks.Row;
import io.proxytune.examples.tasks.Rows;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Verdicts that were given before: a JSON object a line, {@code {"id": …, "asks": …, "verdict":
 * 0.9}}. Where the outputs of several systems are judged, {@code "output"} tells whose it is: a
 * verdict on another text does not count.
 */
public final class VerdictFile implements Judge {
  private final Path file;
  private final Map<Key, Double> verdicts = new HashMap<>();

  /** Which verdict; on any output where the file names none. */
  private record Key(String id, String asks, Optional<String> output) {}

  private VerdictFile(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException naming the line, if one is no verdict, or two are of the same
   */
  public static VerdictFile read(Path file) {
    VerdictFile all = new VerdictFile(file);
    Rows.read(file).forEach(all::take);
    return all;
  }

  private void take(Row row) {
    double verdict = row.numberIfAny("verdict").orElse(Double.NaN);
    row.check(verdict >= 0 && verdict <= 1, "\"verdict\" must be a number from 0 to 1");
    Key key = new Key(row.text("id"), row.text("asks"), row.textIfAny("output"));
    Double before = verdicts.putIfAbsent(key, verdict);
    row.check(
        before == null || Objects.equals(before, verdict),
        "a second verdict on \"%s\" of %s",
        key.asks,
        key.id);
  }

  @Override
  public String name() {
    return "verdicts of " + file.getFileName();
  }

  @Override
  public OptionalDouble verdict(JudgeQuestion question) {
    Optional<String> output = Optional.ofNullable(question.fields().get("output"));
    Double ofText = verdicts.get(new Key(question.id(), question.asks(), output));
    Double ofItem = verdicts.get(new Key(question.id(), question.asks(), Optional.empty()));
    Double found = ofText == null ? ofItem : ofText;
    return found == null ? OptionalDouble.empty() : OptionalDouble.of(found);
  }
}
