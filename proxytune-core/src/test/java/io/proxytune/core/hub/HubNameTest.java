package io.proxytune.core.hub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names are those that the Hub allows. */
class HubNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Qwen/Qwen2.5-0.5B",
        "gpt2",
        "a/b@main",
        "a/b@refs/pr/1",
        "a_b/c.d-e@0a1b",
        "a/b@v+1"
      })
  void readsAndWritesNames(String text) {
    assertThat(HubName.parse(text).map(HubName::toString)).contains(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "a/",
        "/a",
        "./a",
        "../a",
        "a/..",
        "a/b/c",
        "a--b",
        "a..b/c",
        "-a/b",
        "a/b-",
        "a/b.git",
        "a b",
        "~/a",
        "C:/a",
        "a\\b",
        "a/b@",
        "a/b@../x",
        "a/b@x/../y",
        "a/b@/x",
        "a/b@x\\y",
        "a/b@x/",
        "é/b",
        "a/b@x@y",
        "a/b\n"
      })
  void refusesWhatIsNone(String text) {
    assertThat(HubName.parse(text)).isEmpty();
  }

  @Test
  void aNameHasAtMost96Characters() {
    assertThat(HubName.parse("a/" + "b".repeat(94))).isPresent();
    assertThat(HubName.parse("a/" + "b".repeat(95))).isEmpty();
  }
}
