package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Regular expressions that say which modules an adapter changes. */
class AdapterPatternsTest extends AdapterFixture {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?:(?:(?:(?:.*)*)*)*)*!",
        "(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)$",
      })
  @Timeout(20)
  void endsAPatternThatGoesOnWithoutEnd(String pattern) {
    for (String key : List.of("exclude_modules", "target_modules")) {
      config.put(key, pattern);
      assertRefused("the regular expression", "of " + key + " goes on without an end");
      config.remove("exclude_modules");
    }
    config.putArray("target_modules").add("q_proj").add("down_proj");
    config.putObject("rank_pattern").put(pattern, 2);
    assertRefused("of rank_pattern goes on without an end");
  }

  /** Whether the engine sees through such a pattern is its own affair; a question ends. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(.*)*(.*)*(.*)*(.*)*!",
        "(a?){60}.*!",
        ".*(|){60}!",
        ".*(?:x?|y?){50}z",
        "((a|b|[a-z._0-9])*)*!",
        "(([a-z]+)+[._0-9]*)+$!",
        "(?=(a|b|[a-z._0-9])*)*(?!((.*)*)*!)(.*)*?(.*)+?!"
      })
  @Timeout(20)
  void asksAPatternWithinABudget(String pattern) throws IOException {
    config.put("exclude_modules", pattern);
    try {
      assertThat(bind().of(weight(1))).isPresent();
    } catch (CheckpointException e) {
      assertThat(e).hasMessageContaining("of exclude_modules goes on without an end");
    }
  }

  @Test
  void refusesPatternsThatNestTooDeepOrAreTooLong() {
    config.put("target_modules", "(".repeat(4000) + "a" + ")".repeat(4000));
    assertRefused("target_modules must be made of");
    config.put("target_modules", "a".repeat(20_000));
    assertRefused("at most 10000 characters");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "(?(1)a|b); (?(, which Java does not have",
        "(?#note)a; (?#, which Java does not have",
        "\\Qa\\E; \\Q, which Python does not have",
        "[a; without an end",
        "a\\; a backslash at its end",
        "(?P<name; without an end",
        "(a; Unclosed group",
        "(*a); Dangling",
      })
  void namesWhatOneOfTheLanguagesLacks(String pattern, String problem) {
    config.put("target_modules", pattern);
    assertRefused("made of valid regular expressions", problem);
  }

  /** What Python's {@code re.fullmatch} says of each. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        ".*\\.(q_proj|down_proj); true",
        "^(?!.*k_proj)(?:model\\.layers\\.)(\\d+)\\.(?P<part>mlp|self_attn)\\.[^k]*$; true",
        "(?i).*LAYERS.*; true",
        "(?P<a>m)odel(.*)(?P=a)lp.*|.*q_proj; true",
        "[]m].*[&_[].*(?<=proj)\\Z; true",
        ".*(?:q_proj|down_proj)(?<!k_proj)\\b; true",
        "model\\.layers\\.[0-1]{1,2}\\..+?_proj; true",
        ".*q_pro; false",
      })
  void matchesAsPythonDoes(String pattern, boolean all) throws IOException {
    config.put("target_modules", pattern);
    if (all) {
      config.put("exclude_modules", ".*(k|v|o|gate|up)_proj|lm_head|.*embed.*");
      assertThat(bind().of(weight(1))).isPresent();
    } else {
      assertRefused("does not target model.layers.0");
    }
  }
}
