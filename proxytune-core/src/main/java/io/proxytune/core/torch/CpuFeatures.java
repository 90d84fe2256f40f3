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
    return hasFlag("avx512_bf16");
  }

  /**
   * Whether products of bfloat16 are computed in tiles of sixteen rows (AMX).
   *
   * @return true for x86 processors with AMX BF16 under Linux; false where that is unknown
   */
  public static boolean multipliesTiles() {
    return hasFlag("amx_bf16");
  }

  /**
   * Whether Linux lists a feature of an x86 processor.
   *
   * @param flag its name in {@code /proc/cpuinfo}
   * @return false where that is unknown
   */
  public static boolean hasFlag(String flag) {
    try {
      return hasFlag(Files.readAllLines(Path.of("/proc/cpuinfo")), flag);
    } catch (IOException | SecurityException e) {
      return false; // not Linux
    }
  }

  static boolean hasFlag(List<String> cpuinfo, String flag) {
    return cpuinfo.stream()
        .filter(line -> line.startsWith("flags"))
        .anyMatch(line -> Arrays.asList(line.split("\\s+")).contains(flag));
  }
}
