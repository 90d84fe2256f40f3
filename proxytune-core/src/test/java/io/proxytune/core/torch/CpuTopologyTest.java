package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpuTopologyTest {
  /** What Linux tells of a processor, the second thread of each core after the first of all. */
  private static List<String> cpuinfo(int sockets, int cores, int threads) {
    List<String> lines = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      for (int socket = 0; socket < sockets; socket++) {
        for (int core = 0; core < cores; core++) {
          lines.add("processor\t: " + lines.size() / 5);
          lines.add("physical id\t: " + socket);
          lines.add("core id\t\t: " + 4 * core);
          lines.add("cpu cores\t: " + cores);
          lines.add("");
        }
      }
    }
    return lines;
  }

  @Test
  void countsACoreOnceWhateverItsThreads() {
    assertThat(CpuTopology.physicalCores(cpuinfo(1, 6, 1))).isEqualTo(6);
    assertThat(CpuTopology.physicalCores(cpuinfo(1, 6, 2))).isEqualTo(6);
  }

  @Test
  void coresOfDifferentSocketsWithTheSameIdAreDifferent() {
    assertThat(CpuTopology.physicalCores(cpuinfo(2, 4, 2))).isEqualTo(8);
  }

  @Test
  void aProcessorThatNamesNoCoresCountsAsUnknown() {
    assertThat(CpuTopology.physicalCores(List.of("processor\t: 0", "BogoMIPS\t: 50.00"))).isZero();
    assertThat(CpuTopology.physicalCores(List.of())).isZero();
  }

  @Test
  void thisMachineHasAtLeastOneAndNoMoreThanTheJvmMayUse() {
    assertThat(CpuTopology.usableCores()).isBetween(1, Runtime.getRuntime().availableProcessors());
  }
}
