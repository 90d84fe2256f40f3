package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Quantized products where oneDNN and LibTorch are told that the processor can do less: without
 * VNNI, sums of two products must fit into 16 bits; without AVX-512, weights lie in another order.
 * On a processor that can do no more anyway it is the same test again.
 */
class OtherProcessorsTest {
  private static final List<String> FORMATS = List.of("int8", "int4:32", "int4:128");

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"AVX512_CORE, avx512", "AVX2, avx2", "SSE41, default"})
  void productsAreRightWithoutNewInstructions(String oneDnn, String libTorch) throws Exception {
    List<Double> errors =
        errors(Map.of("ONEDNN_MAX_CPU_ISA", oneDnn, "ATEN_CPU_CAPABILITY", libTorch));
    assertThat(errors).hasSameSizeAs(FORMATS);
    assertThat(errors.get(0)).as("int8").isLessThan(2e-4);
    assertThat(errors.subList(1, errors.size())).as("int4").allMatch(error -> error < 0.01);
  }

  private List<Double> errors(Map<String, String> environment)
      throws IOException, InterruptedException {
    Path file = temp.resolve("errors");
    Path log = temp.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-Dproxytune.threads=1",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                QuantizedProductsProgram.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.command().addAll(FORMATS);
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("the program ends").isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    return Files.readAllLines(file).stream().map(Double::valueOf).toList();
  }
}
