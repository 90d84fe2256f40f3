package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuFeaturesTest {
  private static final String AVX512 = "flags\t\t: fpu sse2 avx2 avx512f avx512bw avx512vl";

  @Test
  void onlyTheFlagItselfCounts() {
    assertThat(hasBFloat16("processor\t: 0", AVX512 + " avx512_bf16 clzero")).isTrue();
    assertThat(hasBFloat16("processor\t: 0", AVX512)).isFalse();
    assertThat(hasBFloat16("processor\t: 0", AVX512 + " avx512_bf16x")).isFalse();
    assertThat(hasBFloat16("model name\t: a processor without avx512_bf16", AVX512)).isFalse();
  }

  @Test
  void whatSaysNothingIsTakenAsUnable() {
    assertThat(hasBFloat16()).isFalse();
    assertThat(hasBFloat16("processor\t: 0", "Features\t: fp asimd bf16")).isFalse();
  }

  private static boolean hasBFloat16(String... cpuinfo) {
    return CpuFeatures.hasFlag(List.of(cpuinfo), "avx512_bf16");
  }

  /** As oneDNN reads them: in any case, the newer name before the older one. */
  @Test
  void variablesTakeInstructionsAway() {
    Set<String> limits = Set.of("avx2", "avx512_core");
    assertThat(CpuFeatures.isTakenAway(limits, Map.of())).isFalse();
    assertThat(CpuFeatures.isTakenAway(limits, Map.of("ONEDNN_MAX_CPU_ISA", "AVX2"))).isTrue();
    assertThat(CpuFeatures.isTakenAway(limits, Map.of("ONEDNN_MAX_CPU_ISA", "avx2_vnni")))
        .isFalse();
    assertThat(CpuFeatures.isTakenAway(limits, Map.of("DNNL_MAX_CPU_ISA", "AVX512_CORE"))).isTrue();
    assertThat(
            CpuFeatures.isTakenAway(
                limits, Map.of("DNNL_MAX_CPU_ISA", "AVX2", "ONEDNN_MAX_CPU_ISA", "ALL")))
        .isFalse();
  }
}
