package io.proxytune.core.torch;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the processor can do beyond what LibTorch says, as far as oneDNN may use it: its variable
 * {@code ONEDNN_MAX_CPU_ISA} takes instructions away.
 */
public final class CpuFeatures {
  /** Values of the variable that leave no products of 16-bit or 8-bit numbers. */
  private static final Set<String> WITHOUT_INTEGERS =
      ImmutableSet.of("sse41", "avx", "avx2", "avx512_core");

  private static final Set<String> WITHOUT_BFLOAT16 =
      ImmutableSet.<String>builder()
          .addAll(WITHOUT_INTEGERS)
          .add("avx2_vnni", "avx2_vnni_2", "avx512_core_vnni")
          .build();

  /** Values that leave no products of bfloat16 by oneDNN, which AVX-512 is enough for. */
  private static final Set<String> WITHOUT_WIDE_VECTORS =
      ImmutableSet.of("sse41", "avx", "avx2", "avx2_vnni", "avx2_vnni_2");

  private static final Set<String> WITHOUT_TILES =
      ImmutableSet.<String>builder()
          .addAll(WITHOUT_BFLOAT16)
          .add("avx512_core_bf16", "avx512_core_fp16", "avx10_1_512")
          .build();

  /** The ends of the names of layouts. */
  public static final String ONEDNN = " in oneDNN's blocks";

  /** Those of FBGEMM. */
  public static final String FBGEMM = " in FBGEMM's blocks";

  /** Those of LibTorch's own kernel. */
  public static final String LIBTORCH = " in LibTorch's blocks";

  /** Nothing is packed. */
  public static final String AS_STORED = " as stored";

  private CpuFeatures() {}

  /**
   * Whether there are instructions for products of bfloat16. Elsewhere LibTorch computes them by
   * way of float32, several times slower.
   *
   * @return true for x86 processors with AVX-512 BF16 under Linux; false where that is unknown
   */
  public static boolean multipliesBFloat16() {
    return hasFlag("avx512_bf16") && !isTakenAway(WITHOUT_BFLOAT16, System.getenv());
  }

  /**
   * Whether products of bfloat16 are computed in tiles of sixteen rows (AMX).
   *
   * @return true for x86 processors with AMX BF16 under Linux; false where that is unknown
   */
  public static boolean multipliesTiles() {
    return hasFlag("amx_bf16") && !isTakenAway(WITHOUT_TILES, System.getenv());
  }

  /**
   * Whether oneDNN's kernels for bfloat16 and int8 read a weight faster for a few rows than for
   * one. It was so on a Zen 4: padding to four made a step of bfloat16 0.90 times as long, and to
   * five its products 0.91 to 0.95 times as long again. It was not so on an Intel Xeon without
   * tiles, where four took 1.15 times as long as one.
   *
   * @return true for processors of AMD under Linux; false where that is unknown
   */
  public static boolean readsSomeRowsFaster() {
    return isOfAmd();
  }

  /**
   * Whether oneDNN's kernel for sixteen numbers of float32 multiplies rows slower that begin at
   * multiples of 4 KiB. It took 1.15 to 1.25 of the time for 64 rows and more on a Zen 4, and was
   * not looked at elsewhere.
   *
   * @return true for processors of AMD with AVX-512 under Linux; false where that is unknown
   */
  public static boolean multipliesAlignedRowsSlower() {
    return hasWideVectors() && isOfAmd();
  }

  private static boolean isOfAmd() {
    return cpuinfo().stream().anyMatch(line -> line.matches("vendor_id\\s*:\\s*AuthenticAMD"));
  }

  /**
   * Whether there are no instructions for sums of products of 8-bit integers (VNNI).
   *
   * @return true for x86 processors with AVX2 under Linux that have none; false where that is
   *     unknown
   */
  public static boolean lacksIntegerProducts() {
    return hasFlag("avx2")
        && (!(hasFlag("avx512_vnni") || hasFlag("avx_vnni"))
            || isTakenAway(WITHOUT_INTEGERS, System.getenv()));
  }

  /**
   * Whether FBGEMM's products of 8-bit integers are faster than oneDNN's for few rows. They are
   * where oneDNN packs a weight anew on every call, as it lacks instructions for it; and on a Zen
   * 4, which has them, a step in 8 bits took 0.6 of its time, while a prompt took 1.15.
   *
   * @return true for x86 processors with AVX2 under Linux that lack VNNI, and for those of AMD
   */
  public static boolean prefersFbgemmForIntegers() {
    return lacksIntegerProducts() || (hasVectors() && isOfAmd());
  }

  /**
   * Whether there are vectors of eight numbers (AVX2).
   *
   * @return true for x86 processors with AVX2 under Linux; false where that is unknown
   */
  public static boolean hasVectors() {
    return hasFlag("avx2");
  }

  /**
   * Whether there are vectors of sixteen numbers (AVX-512).
   *
   * @return true for x86 processors with AVX-512 under Linux; false where that is unknown
   */
  public static boolean hasWideVectors() {
    return hasFlag("avx512bw")
        && hasFlag("avx512dq")
        && hasFlag("avx512vl")
        && !isTakenAway(WITHOUT_WIDE_VECTORS, System.getenv());
  }

  /**
   * How linear layers' weights lie in memory on this processor, told without loading LibTorch.
   *
   * @return by the name of a dtype or a quantization, for people; empty where it shows only when a
   *     model is loaded
   */
  public static Map<String, String> layouts() {
    if (!hasVectors()) {
      return Map.of();
    }
    return ImmutableMap.of(
        "float32",
        "float32" + ONEDNN,
        "bfloat16",
        hasWideVectors() ? "bfloat16" + ONEDNN : "float16" + FBGEMM,
        "float16",
        "float16" + AS_STORED,
        "int8",
        "int8" + (prefersFbgemmForIntegers() ? FBGEMM : ONEDNN),
        "int4",
        "int4" + LIBTORCH);
  }

  static boolean isTakenAway(Set<String> limits, Map<String, String> environment) {
    String older = environment.getOrDefault("DNNL_MAX_CPU_ISA", "");
    String limit = environment.getOrDefault("ONEDNN_MAX_CPU_ISA", older);
    return limits.contains(limit.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether Linux lists a feature of an x86 processor.
   *
   * @param flag its name in {@code /proc/cpuinfo}
   * @return false where that is unknown
   */
  public static boolean hasFlag(String flag) {
    return hasFlag(cpuinfo(), flag);
  }

  private static List<String> cpuinfo() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo"));
    } catch (IOException | SecurityException e) {
      return List.of(); // not Linux
    }
  }

  static boolean hasFlag(List<String> cpuinfo, String flag) {
    return cpuinfo.stream()
        .filter(line -> line.startsWith("flags"))
        .anyMatch(line -> Arrays.asList(line.split("\\s+")).contains(flag));
  }
}
