package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On trees of made-up groups, as Linux shows them on a machine and in containers. */
class ControlGroupsTest {
  private static final String UNIFIED =
      "26 23 0:22 / /cg rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
  private static final String OLD =
      """
      30 29 0:26 / /cg/cpu rw shared:9 - cgroup cgroup rw,cpu,cpuacct
      31 29 0:27 / /cg/memory rw shared:10 - cgroup cgroup rw,memory
      32 29 0:28 / /cg/unified rw - cgroup2 cgroup2 rw
      """;

  @TempDir Path root;

  @BeforeEach
  void anotherFileSystem() throws IOException {
    mounts("");
  }

  private void mounts(String text) throws IOException {
    write("proc/mountinfo", "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n" + text);
  }

  private void groups(String text) throws IOException {
    write("proc/cgroup", text);
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private ControlGroups read() {
    return ControlGroups.of(root.resolve("proc"), root);
  }

  @Test
  void withoutGroupsThereIsNoLimit() throws IOException {
    assertThat(read().cpus()).isEmpty();
    assertThat(read().freeMemory()).isEmpty();
    ControlGroups none = ControlGroups.of(root.resolve("none"), root);
    assertThat(none.cpus()).isEmpty();
    assertThat(none.freeMemory()).isEmpty();
  }

  @Test
  void theSmallestQuotaOfAllGroupsAroundCounts() throws IOException {
    mounts(UNIFIED);
    groups("0::/pods/one/main\n");
    write("cg/pods/one/main/cpu.max", "max 100000\n");
    assertThat(read().cpus()).isEmpty();
    write("cg/pods/one/cpu.max", "150000 100000\n");
    assertThat(read().cpus()).hasValue(1.5);
    write("cg/pods/cpu.max", "80000 20000\n");
    assertThat(read().cpus()).hasValue(1.5);
    write("cg/pods/one/main/cpu.max", "50000 100000\n");
    assertThat(read().cpus()).hasValue(0.5);
  }

  @Test
  void otherGroupsDoNotCount() throws IOException {
    mounts(UNIFIED);
    groups("0::/pods/one\n");
    write("cg/pods/two/cpu.max", "50000 100000\n");
    write("cg/pods/one/deeper/cpu.max", "50000 100000\n");
    write("cpu.max", "50000 100000\n");
    assertThat(read().cpus()).isEmpty();
  }

  @Test
  void theSmallestRestOfMemoryCountsAndCachedFilesGiveWay() throws IOException {
    mounts(UNIFIED);
    groups("0::/pods/one\n");
    write("cg/pods/one/memory.max", "max\n");
    write("cg/pods/one/memory.current", "600000\n");
    assertThat(read().freeMemory()).isEmpty();
    write("cg/pods/memory.max", "1000000\n");
    write("cg/pods/memory.current", "700000\n");
    assertThat(read().freeMemory()).hasValue(300_000);
    write("cg/pods/memory.stat", "anon 350000\ninactive_file 250000\nactive_file 9\n");
    assertThat(read().freeMemory()).hasValue(550_000);
    write("cg/pods/one/memory.max", "650000\n");
    assertThat(read().freeMemory()).hasValue(50_000);
  }

  @Test
  void aGroupOverItsLimitHasNothingLeft() throws IOException {
    mounts(UNIFIED);
    groups("0::/\n");
    write("cg/memory.max", "1000\n");
    write("cg/memory.current", "5000\n");
    assertThat(read().freeMemory()).hasValue(0);
  }

  @Test
  void olderGroupsHaveAControllerEach() throws IOException {
    mounts(OLD);
    groups("5:cpuacct,cpu:/a/b\n4:memory:/m/n\n3:cpuset:/\n0::/\n");
    write("cg/cpu/a/b/cpu.cfs_quota_us", "-1\n");
    write("cg/cpu/a/b/cpu.cfs_period_us", "100000\n");
    assertThat(read().cpus()).isEmpty();
    write("cg/cpu/a/cpu.cfs_quota_us", "250000\n");
    write("cg/cpu/a/cpu.cfs_period_us", "100000\n");
    assertThat(read().cpus()).hasValue(2.5);
    write("cg/memory/m/n/memory.limit_in_bytes", "9223372036854771712\n"); // no limit
    write("cg/memory/m/n/memory.usage_in_bytes", "700000\n");
    assertThat(read().freeMemory()).isEmpty();
    write("cg/memory/m/memory.limit_in_bytes", "1000000\n");
    write("cg/memory/m/memory.usage_in_bytes", "800000\n");
    write("cg/memory/m/memory.stat", "inactive_file 5\ntotal_inactive_file 100000\n");
    assertThat(read().freeMemory()).hasValue(300_000);
  }

  /** A container's own group is seen as the whole, its name is the machine's. */
  @Test
  void inAContainerTheFolderIsTheContainersGroup() throws IOException {
    mounts("26 23 0:22 /docker/abc /cg ro - cgroup cgroup rw,cpu\n");
    groups("3:cpu:/docker/abc/service\n");
    write("cg/service/cpu.cfs_quota_us", "400000\n");
    write("cg/service/cpu.cfs_period_us", "100000\n");
    assertThat(read().cpus()).hasValue(4.0);
    write("cg/cpu.cfs_quota_us", "100000\n");
    write("cg/cpu.cfs_period_us", "100000\n");
    assertThat(read().cpus()).hasValue(1.0);
  }

  @Test
  void groupsThatAreNotToBeSeenLeaveWhatIs() throws IOException {
    write("cg/cpu.max", "300000 100000\n");
    mounts("26 23 0:22 /docker/abc /cg ro - cgroup2 cgroup rw\n");
    groups("0::/docker/abcd\n");
    assertThat(read().cpus()).hasValue(3.0);
    mounts("26 23 0:22 /.. /cg ro - cgroup2 cgroup rw\n");
    groups("0::/../../other\n");
    assertThat(read().cpus()).hasValue(3.0);
  }

  @Test
  void filesThatAreStrangeAreNoLimit() throws IOException {
    mounts(UNIFIED + "26 23\n26 23 0:22 / /cg rw - cgroup2\n\n");
    groups("0::/a\nx\n:\n");
    for (String quota : new String[] {"", "\n", "100000\n", "-5 100000\n", "5 0\n", "a b c\n"}) {
      write("cg/a/cpu.max", quota);
      assertThat(read().cpus()).as(quota).isEmpty();
    }
    write("cg/a/memory.max", "many\n");
    write("cg/a/memory.current", "5\n");
    assertThat(read().freeMemory()).isEmpty();
  }

  @Test
  void blanksInNamesAreRead() throws IOException {
    mounts("26 23 0:22 / /c\\040g rw - cgroup2 cgroup2 rw\n");
    groups("0::/a b\n");
    write("c g/a b/cpu.max", "200000 100000\n");
    assertThat(read().cpus()).hasValue(2.0);
  }
}
