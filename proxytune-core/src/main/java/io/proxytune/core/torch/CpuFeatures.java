package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What the processor can do beyond what LibTorch says. */
public final class CpuFeatures {
  private CpuFeatures() {}

  /**
   * Whether there are instructions for products of bfloat16. Elsewhere LibTorch computes them by
   * way of float32, several times slower.
   *
   * @return true for x86 processors with AVX-512 BF16 under Linux; false where that is unknown
   */
  public static boolean multipliesBFloat16() {
    try {
      return multipliesBFloat16(Files.readAllLines(Path.of("/proc/cpuinfo")));
    } catch (IOException | SecurityException e) {
      return false; // not Linux
    }
  }

  static boolean multipliesBFloat16(List<String> cpuinfo) {
    return cpuinfo.stream()
        .filter(line -> line.startsWith("flags"))
        .anyMatch(line -> Arrays.asList(line.split("\\s+")).contains("avx512_bf16"));
  }
}
