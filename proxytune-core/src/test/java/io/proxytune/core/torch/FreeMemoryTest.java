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
    write("proc/mountinfo", "26 23 0:22 / /cg rw shared:4 - cgroup2 cgroup2 rw\n");
    write("proc/cgroup", "0::/service\n");
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private ControlGroups groups() {
    return ControlGroups.of(folder.resolve("proc"), folder);
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
  }

  @Test
  void withoutALimitTheMachineCounts() throws IOException {
    assertThat(FreeMemory.bytes(meminfo, groups())).hasValue(MACHINE);
    write("cg/service/memory.max", "max\n");
    write("cg/service/memory.current", "600000\n");
    assertThat(FreeMemory.bytes(meminfo, groups())).hasValue(MACHINE);
  }

  @Test
  void unknownWhereTheSystemDoesNotTell() {
    assertThat(FreeMemory.bytes(folder.resolve("none"), groups())).isEmpty();
  }

  @Test
  void theSmallerOfMachineAndContainerCounts() throws IOException {
    write("cg/service/memory.max", "1000000\n");
    write("cg/service/memory.current", "600000\n");
    assertThat(FreeMemory.bytes(meminfo, groups())).hasValue(400_000);
    assertThat(FreeMemory.bytes(folder.resolve("none"), groups())).hasValue(400_000);
    write("cg/service/memory.max", "900000000000000\n");
    assertThat(FreeMemory.bytes(meminfo, groups())).hasValue(MACHINE);
  }
}
