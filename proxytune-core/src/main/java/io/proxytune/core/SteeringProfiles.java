package io.proxytune.core;

import static com.google.common.base.Strings.lenientFormat;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.SteeringProfile;
import io.proxytune.core.files.DurableFiles;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@linkplain SteeringProfile steering profiles} in small JSON files. Safe for use by several
 * threads.
 *
 * <pre>{@code
 * {"version": 1, "alphas": [0.75], "preset": "proxy-tuning",
 *  "chosen_on": "questions.jsonl", "date": "2026-01-31"}
 * }</pre>
 */
public final class SteeringProfiles {
  private static final int VERSION = 1;

  /** Thousands of times what a profile takes. */
  private static final int MAX_BYTES = 1 << 20;

  private SteeringProfiles() {}

  /**
   * Reads a profile.
   *
   * @param file a JSON object with {@code version}, {@code alphas} and {@code preset}, and perhaps
   *     {@code chosen_on}, {@code date} and others, which are passed over
   * @return the profile; a file without a date is of 1970-01-01
   * @throws IllegalArgumentException if it can't be read or holds something else, saying what
   */
  public static SteeringProfile read(Path file) {
    JsonNode json = parsed(file);
    JsonNode version = json.path("version");
    check(
        version.isInt() && version.intValue() == VERSION,
        file,
        "\"version\" must be %s, got %s; another version of this library may have written it",
        VERSION,
        JsonText.show(version));
    SteeringProfile.Preset preset = preset(file, json.path("preset"));
    return new SteeringProfile(
        alphas(file, json.path("alphas")),
        preset,
        json.path("chosen_on").asText(""),
        date(file, json.path("date")));
  }

  private static SteeringProfile.Preset preset(Path file, JsonNode json) {
    return SteeringProfile.Preset.of(json.asText())
        .orElseThrow(
            () ->
                bad(
                    file,
                    "\"preset\" must be proxy-tuning, dexperts or emulated-fine-tuning, got %s",
                    JsonText.show(json)));
  }

  private static JsonNode parsed(Path file) {
    try {
      JsonNode json = JsonText.parse(text(file));
      check(json.isObject(), file, "expected a JSON object, got %s", JsonText.show(json));
      return json;
    } catch (InvalidJsonException e) {
      throw bad(file, "it is no JSON, %s", e.getMessage());
    }
  }

  private static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      check(bytes.length <= MAX_BYTES, file, "it is larger than a megabyte");
      return new String(bytes, UTF_8);
    } catch (NoSuchFileException e) {
      throw bad(file, "there is no such file");
    } catch (IOException e) {
      throw bad(file, "it can't be read: %s", e.getMessage());
    }
  }

  private static List<Double> alphas(Path file, JsonNode json) {
    List<Double> alphas = new ArrayList<>();
    for (JsonNode alpha : json) {
      check(
          alpha.isNumber() && Double.isFinite(alpha.doubleValue()),
          file,
          "\"alphas\" must be finite numbers, got %s",
          JsonText.show(alpha));
      alphas.add(alpha.doubleValue());
    }
    check(
        json.isArray() && !alphas.isEmpty(),
        file,
        "\"alphas\" must be a list with the strength of each pair, got %s",
        JsonText.show(json));
    return alphas;
  }

  private static LocalDate date(Path file, JsonNode json) {
    try {
      return json.isMissingNode() ? LocalDate.EPOCH : LocalDate.parse(json.asText());
    } catch (DateTimeException e) {
      throw bad(file, "\"date\" must be YYYY-MM-DD, got %s", JsonText.show(json));
    }
  }

  private static void check(boolean holds, Path file, String problem, @Nullable Object... values) {
    if (!holds) {
      throw bad(file, problem, values);
    }
  }

  private static IllegalArgumentException bad(
      Path file, String problem, @Nullable Object... values) {
    return new IllegalArgumentException(
        "steering profile " + file + ": " + lenientFormat(problem, values));
  }

  /**
   * Writes a profile, in place of a file that is there.
   *
   * @param profile the profile
   * @param file where; its folder exists
   * @throws UncheckedIOException if it can't be written; a file that was there is then as it was
   */
  public static void write(SteeringProfile profile, Path file) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("version", VERSION);
    profile.alphas().forEach(json.putArray("alphas")::add);
    json.put("preset", profile.preset().word());
    json.put("chosen_on", profile.chosenOn()).put("date", profile.date().toString());
    try {
      DurableFiles.write(file, out -> out.write((JsonOutput.pretty(json) + "\n").getBytes(UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "steering profile " + file + " can't be written: " + e.getMessage(), e);
    }
  }
}
