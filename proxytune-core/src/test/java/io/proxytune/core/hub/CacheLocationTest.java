package io.proxytune.core.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The cache is where Hugging Face's Python package has it. */
class CacheLocationTest {
  private static final Path HOME = Path.of("home").toAbsolutePath();

  private static Path folder(Map<String, String> environment) {
    return CacheLocation.of(environment, HOME).folder();
  }

  @Test
  void itIsInTheHomeUnlessAVariableSaysOtherwise() {
    assertThat(folder(Map.of())).isEqualTo(HOME.resolve(".cache/huggingface/hub"));
    assertThat(folder(Map.of("HF_HOME", " "))).isEqualTo(HOME.resolve(".cache/huggingface/hub"));
    assertThat(CacheLocation.of(Map.of(), HOME))
        .hasToString(
            "looked in "
                + HOME.resolve(".cache/huggingface/hub")
                + ", as HF_HUB_CACHE and HF_HOME are not set");
  }

  @Test
  void theNarrowestVariableCounts() {
    Map<String, String> all =
        Map.of(
            "HF_HUB_CACHE", "/a",
            "HUGGINGFACE_HUB_CACHE", "/b",
            "HF_HOME", "/c",
            "XDG_CACHE_HOME", "/d");
    assertThat(folder(all)).isEqualTo(Path.of("/a"));
    assertThat(folder(Map.of("HUGGINGFACE_HUB_CACHE", "/b", "HF_HOME", "/c")))
        .isEqualTo(Path.of("/b"));
    assertThat(folder(Map.of("HF_HOME", "/c", "XDG_CACHE_HOME", "/d")))
        .isEqualTo(Path.of("/c/hub"));
    assertThat(folder(Map.of("XDG_CACHE_HOME", "/d"))).isEqualTo(Path.of("/d/huggingface/hub"));
  }

  @Test
  void homeAndVariablesAreExpanded() {
    assertThat(folder(Map.of("HF_HOME", "~"))).isEqualTo(HOME.resolve("hub"));
    assertThat(folder(Map.of("HF_HOME", "~/models"))).isEqualTo(HOME.resolve("models/hub"));
    assertThat(folder(Map.of("HF_HUB_CACHE", "$DISK/${WHO}_$NOBODY", "DISK", "/d", "WHO", "$me")))
        .isEqualTo(Path.of("/d/$me_$NOBODY"));
    assertThat(folder(Map.of("HF_HUB_CACHE", "~other"))).isEqualTo(Path.of("~other"));
  }
}
