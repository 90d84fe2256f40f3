package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeMemoryTest {
  private static final long MACHINE = 8_000_000L * 1024;

  @TempDir Path folder;
  private Path meminfo;

  @BeforeEach
  void writeMeminfo() throws IOException {
    meminfo = write("meminfo", "MemTotal: 16000000 kB\nMemAvailable:    8000000 kB\n");
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Test
  void readsAvailableMemoryInBytes() {
    assertThat(
            FreeMemory.availableOf(
                List.of(
                    "MemTotal:       24684096 kB",
                    "MemFree:        19825496 kB",
                    "MemAvailable:   24095792 kB")))
        .hasValue(24095792L * 1024);
  }

  @Test
  void linesThatAreMissingOrStrangeAreNoFigures() {
    assertThat(FreeMemory.availableOf(List.of())).isEmpty();
    assertThat(FreeMemory.availableOf(List.of("MemAvailable: kB"))).isEmpty();
    assertThat(FreeMemory.availableOf(List.of("MemAvailable: -5 kB"))).isEmpty();
    assertThat(FreeMemory.cachedFilesOf(List.of())).isZero();
    assertThat(FreeMemory.cachedFilesOf(List.of("inactive_file "))).isZero();
  }

  @Test
  void readsTheCachedFilesOfAContainer() {
    assertThat(
            FreeMemory.cachedFilesOf(
                List.of("anon 5", "inactive_file 4096", "total_inactive_file 7", "active_file 9")))
        .isEqualTo(4096);
  }

  @Test
  void withoutAContainerTheMachineCounts() {
    assertThat(FreeMemory.bytes(meminfo, folder.resolve("none"))).hasValue(MACHINE);
  }

  @Test
  void unknownWhereTheSystemDoesNotTell() {
    assertThat(FreeMemory.bytes(folder.resolve("none"), folder.resolve("none"))).isEmpty();
  }

  @Test
  void aContainersLimitCountsAndItsCachedFilesGiveWay() throws IOException {
    write("memory.max", "1000000\n");
    write("memory.current", "600000\n");
    assertThat(FreeMemory.bytes(meminfo, folder)).hasValue(400_000);
    write("memory.stat", "anon 350000\ninactive_file 250000\n");
    assertThat(FreeMemory.bytes(meminfo, folder)).hasValue(650_000);
    assertThat(FreeMemory.bytes(folder.resolve("none"), folder)).hasValue(650_000);
  }

  @Test
  void aContainerWithoutALimitLeavesTheMachines() throws IOException {
    write("memory.max", "max\n");
    write("memory.current", "600000\n");
    assertThat(FreeMemory.bytes(meminfo, folder)).hasValue(MACHINE);
  }

  @Test
  void aContainerOverItsLimitHasNothingLeft() throws IOException {
    write("memory.max", "1000\n");
    write("memory.current", "5000\n");
    assertThat(FreeMemory.bytes(meminfo, folder)).hasValue(0);
  }

  @Test
  void olderControlGroupsCountToo() throws IOException {
    write("memory/memory.usage_in_bytes", "700000\n");
    write("memory/memory.limit_in_bytes", "9223372036854771712\n"); // no limit
    assertThat(FreeMemory.bytes(meminfo, folder)).hasValue(MACHINE);
    write("memory/memory.limit_in_bytes", "1000000\n");
    write("memory/memory.stat", "inactive_file 100000\n");
    assertThat(FreeMemory.bytes(meminfo, folder)).hasValue(400_000);
  }
}
