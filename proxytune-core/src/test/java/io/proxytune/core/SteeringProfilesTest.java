package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.SteeringProfile;
import io.proxytune.SteeringProfile.Preset;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SteeringProfilesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(Preset.class)
  void whatIsWrittenIsRead(Preset preset) {
    SteeringProfile profile =
        new SteeringProfile(
            List.of(0.1, -2.5e-7), preset, "\"q\" \u03b1\n", LocalDate.of(2026, 1, 31));
    SteeringProfiles.write(profile, folder.resolve("a.json"));
    assertThat(SteeringProfiles.read(folder.resolve("a.json"))).isEqualTo(profile);
  }

  @Test
  void theFileIsAsDocumented() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("a.json"),
            """
            {"version": 1, "alphas": [0.75], "preset": "proxy-tuning",
             "chosen_on": "questions.jsonl", "date": "2026-01-31"}
            """);
    assertThat(SteeringProfiles.read(file))
        .isEqualTo(
            new SteeringProfile(
                List.of(0.75), Preset.PROXY_TUNING, "questions.jsonl", LocalDate.of(2026, 1, 31)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`[]` | expected a JSON object, got []",
        "`{` | it is no JSON, ",
        "`` | expected a JSON object, got nothing",
        "`{}` | \"version\" must be 1, got nothing",
        "`{\"version\": 2}` | \"version\" must be 1, got 2; another version",
        "`{\"version\": 1}` | \"preset\" must be proxy-tuning, dexperts or emulated-fine-tuning",
        "`{\"version\": 1, \"preset\": \"x\"}` | got \"x\"",
        "`{\"version\": 1, \"preset\": \"dexperts\"}` | \"alphas\" must be a list",
        "`{\"version\": 1, \"preset\": \"dexperts\", \"alphas\": 1}` | must be a list with the"
            + " strength of each pair, got 1",
        "`{\"version\": 1, \"preset\": \"dexperts\", \"alphas\": []}` | got []",
        "`{\"version\": 1, \"preset\": \"dexperts\", \"alphas\": [NaN]}` | \"alphas\" must be"
            + " finite numbers",
        "`{\"version\": 1, \"preset\": \"dexperts\", \"alphas\": [1], \"date\": \"May\"}` |"
            + " \"date\" must be YYYY-MM-DD",
      })
  void whatIsWrongIsNamed(String text, String problem) throws Exception {
    Path file = Files.writeString(folder.resolve("a.json"), text);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SteeringProfiles.read(file))
        .withMessageStartingWith("steering profile " + file + ": ")
        .withMessageContaining(problem);
  }

  @Test
  void filesThatCantBeUsedAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SteeringProfiles.read(folder.resolve("none")))
        .withMessageEndingWith("none: there is no such file");
    SteeringProfile profile =
        new SteeringProfile(List.of(1.0), Preset.DEXPERTS, "", LocalDate.EPOCH);
    assertThatThrownBy(() -> SteeringProfiles.write(profile, folder.resolve("no/such")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("can't be written");
  }
}
