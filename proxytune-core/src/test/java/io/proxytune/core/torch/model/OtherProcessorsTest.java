package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.proxytune.core.ChildJvm;
import io.proxytune.core.torch.CpuFeatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Quantized products where the libraries are told that the processor can do less: without VNNI,
 * sums of two products must fit into 16 bits; without AVX-512, weights lie in another order. What
 * is asked for is forced even where the processor lacks it, and ends the process, so the rest is
 * reported as skipped.
 */
class OtherProcessorsTest {
  private static final List<String> FORMATS = List.of("int8", "int4:32", "int4:128");

  @TempDir Path temp;

  /** A processor to be taken for, and what it takes to be so. */
  private enum Processor {
    AVX512("AVX512_CORE", "avx512", "AVX512", "SkylakeX", "avx512f", "avx512bw", "avx512vl"),
    AVX2("AVX2", "avx2", "AVX2", "Haswell", "avx2", "fma", "f16c"),
    SSE41("SSE41", "default", "AVX2", "Prescott", "sse4_1");

    private final ImmutableMap<String, String> environment;
    private final ImmutableList<String> flags;

    Processor(String oneDnn, String libTorch, String fbgemm, String openBlas, String... flags) {
      this.environment =
          ImmutableMap.of(
              "ONEDNN_MAX_CPU_ISA", oneDnn,
              "ATEN_CPU_CAPABILITY", libTorch,
              "FBGEMM_ENABLE_INSTRUCTIONS", fbgemm,
              "OPENBLAS_CORETYPE", openBlas);
      this.flags = ImmutableList.copyOf(flags);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource
  void productsAreRightWithoutNewInstructions(Processor processor) throws Exception {
    assumeThat(processor.flags).allMatch(CpuFeatures::hasFlag);
    List<Double> errors = errors(processor.environment);
    assertThat(errors).hasSameSizeAs(FORMATS);
    assertThat(errors.get(0)).as("int8").isLessThan(2e-4);
    assertThat(errors.subList(1, errors.size())).as("int4").allMatch(error -> error < 0.01);
  }

  private List<Double> errors(Map<String, String> environment)
      throws IOException, InterruptedException {
    Path file = temp.resolve("errors");
    List<String> options =
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-Dproxytune.threads=1",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    ProcessBuilder program = ChildJvm.of(QuantizedProductsProgram.class, options, file);
    program.command().addAll(FORMATS);
    program.environment().putAll(environment);
    ChildJvm.run(program, temp.resolve("log"));
    return Files.readAllLines(file).stream().map(Double::valueOf).toList();
  }
}
