package io.proxytune.core;

/**
 * How the linear layers of a bfloat16 model lie in memory on the CPU. Elsewhere it makes no
 * difference.
 */
public enum WeightLayout {
  /**
   * Each weight once, for any number of tokens: in oneDNN's blocks, or where oneDNN does not
   * multiply bfloat16 (processors without AVX-512) as float16 in FBGEMM's.
   */
  PACKED,

  /**
   * Each weight twice: in oneDNN's blocks for many tokens, and as float16 in FBGEMM's blocks, which
   * one to three tokens read faster on a processor without tiles (AMX). It takes twice the memory;
   * while loading, the largest weight is in memory as float32 too.
   *
   * <p>float16 holds bfloat16 weights between 2⁻¹⁴ and 65504 exactly and smaller ones to 2⁻²⁵; a
   * layer with larger ones stays in oneDNN's blocks alone. Where LibTorch comes without FBGEMM, as
   * it does for ARM, and where weights are in FBGEMM's blocks anyway, this is the same as {@link
   * #PACKED}.
   */
  PACKED_TWICE
}
