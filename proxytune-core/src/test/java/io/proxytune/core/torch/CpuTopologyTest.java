package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuTopologyTest {
  private static final BitSet ALL = new BitSet();

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

  private static BitSet allowed(String list) {
    return CpuTopology.allowedProcessors(
        List.of("Name:\tjava", "Cpus_allowed:\tff", "Cpus_allowed_list:\t" + list, "Threads:\t3"));
  }

  @Test
  void readsTheProcessorsOfAnAffinity() {
    assertThat(allowed("0").stream()).containsExactly(0);
    assertThat(allowed("0-3").stream()).containsExactly(0, 1, 2, 3);
    assertThat(allowed("1,4-5,9").stream()).containsExactly(1, 4, 5, 9);
    assertThat(CpuTopology.allowedProcessors(List.of("Name:\tjava")).stream()).isEmpty();
  }

  /** Processors 0 to 3 are the first threads of the four cores, 4 to 7 the second ones. */
  @Test
  void onlyCoresOfAllowedProcessorsCount() {
    List<String> cpuinfo = cpuinfo(1, 4, 2);
    assertThat(CpuTopology.physicalCores(cpuinfo, allowed("0-7"))).isEqualTo(4);
    assertThat(CpuTopology.physicalCores(cpuinfo, allowed("0-1"))).isEqualTo(2);
    assertThat(CpuTopology.physicalCores(cpuinfo, allowed("0,4"))).isEqualTo(1);
    assertThat(CpuTopology.physicalCores(cpuinfo, allowed("3,5-7"))).isEqualTo(3);
  }

  @Test
  void countsACoreOnceWhateverItsThreads() {
    assertThat(CpuTopology.physicalCores(cpuinfo(1, 6, 1), ALL)).isEqualTo(6);
    assertThat(CpuTopology.physicalCores(cpuinfo(1, 6, 2), ALL)).isEqualTo(6);
  }

  @Test
  void coresOfDifferentSocketsWithTheSameIdAreDifferent() {
    assertThat(CpuTopology.physicalCores(cpuinfo(2, 4, 2), ALL)).isEqualTo(8);
  }

  @Test
  void aProcessorThatNamesNoCoresCountsAsUnknown() {
    assertThat(CpuTopology.physicalCores(List.of("processor\t: 0", "BogoMIPS\t: 50.00"), ALL))
        .isZero();
    assertThat(CpuTopology.physicalCores(List.of(), ALL)).isZero();
  }

  @Test
  void thisMachineHasAtLeastOneAndNoMoreThanTheJvmMayUse() {
    assertThat(CpuTopology.usableCores()).isBetween(1, Runtime.getRuntime().availableProcessors());
  }

  @ParameterizedTest
  @CsvSource({"0.2, 1", "1, 1", "1.4, 1", "1.5, 2", "2, 2", "3.49, 3"})
  void aQuotaIsWorthTheNearestNumberOfThreads(double quota, int threads) {
    assertThat(CpuTopology.within(OptionalDouble.of(quota))).isEqualTo(threads);
  }

  @Test
  void noQuotaSetsNoLimit() {
    assertThat(CpuTopology.within(OptionalDouble.empty())).isEqualTo(Integer.MAX_VALUE);
  }
}
