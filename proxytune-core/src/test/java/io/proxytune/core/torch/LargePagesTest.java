package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In a process of its own where LibTorch matters: it looks at its environment only once. */
@Tag("slow")
class LargePagesTest {
  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "true, always [madvise] never, true",
    "true, [always] madvise never, true",
    "true, always madvise [never], false",
    "false, [always] madvise never, false"
  })
  void asksUnlessTheSystemNeverGivesThemOrTheApplicationWantsNone(
      String property, String setting, boolean asks) throws IOException {
    Path file = Files.writeString(temp.resolve("enabled"), setting + "\n");
    assertThat(LargePages.wanted(property, file)).isEqualTo(asks);
  }

  @Test
  void asksForNoneWhereTheSystemHasNone() {
    assertThat(LargePages.wanted("true", temp.resolve("enabled"))).isFalse();
  }

  @Test
  void largeTensorsAndWhatTheCLibraryGivesNextAreMarkedForLargePages() throws Exception {
    List<String> lines = flags(List.of(), Map.of());
    assertThat(lines.get(0)).as("a tensor").contains(" hg");
    assertThat(lines.get(1)).as("of the C library").doesNotContain(" hg");
    assertThat(lines.subList(2, lines.size()))
        .as("of the C library, marked before")
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).contains(" hg"));
  }

  @Test
  void aPropertyTurnsThemOff() throws Exception {
    List<String> off = List.of("-D" + LargePages.PROPERTY + "=false");
    assertNoneIsMarked(flags(off, Map.of()));
  }

  @Test
  void whatTheEnvironmentSaysGoesBefore() throws Exception {
    assertNoneIsMarked(flags(List.of(), Map.of("THP_MEM_ALLOC_ENABLE", "0")));
  }

  private static void assertNoneIsMarked(List<String> lines) {
    assertThat(lines)
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).isNotBlank().doesNotContain(" hg"));
  }

  /** What Linux says of each piece of memory that the program writes of. */
  private List<String> flags(List<String> options, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    assumeTrue(LargePages.wanted("true", setting), "needs Linux's transparent huge pages");
    Path file = temp.resolve("flags");
    List<String> all = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-Xmx64m"));
    all.addAll(options);
    ProcessBuilder program = ChildJvm.of(LargePagesProgram.class, all, file);
    program.environment().remove("THP_MEM_ALLOC_ENABLE");
    program.environment().putAll(environment);
    ChildJvm.run(program, temp.resolve("log"));
    return Files.readAllLines(file);
  }
}
