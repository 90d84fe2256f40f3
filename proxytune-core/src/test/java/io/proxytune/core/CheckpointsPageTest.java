package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.family.Families;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page about checkpoints names every family that can be loaded, and no other. */
class CheckpointsPageTest {
  private static final Pattern CLASS = Pattern.compile("`(\\w+(?:ForCausalLM|LMHeadModel))`");

  @Test
  void everyFamilyIsListed() throws IOException {
    String page = Files.readString(Path.of("CHECKPOINTS.md"));
    assertThat(CLASS.matcher(page).results().map(result -> result.group(1)))
        .containsExactlyInAnyOrderElementsOf(
            Families.all().stream().map(family -> family.architecture()).toList());
  }
}
