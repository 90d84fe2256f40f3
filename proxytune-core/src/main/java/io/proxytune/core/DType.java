package io.proxytune.core;

/** The number format that a model's weights and activations have in memory. */
public enum DType {
  /** What the checkpoint's files hold; nothing is converted. */
  AS_STORED,
  /** IEEE 754 binary32: 4 bytes a weight. */
  FLOAT32,
  /** The upper half of binary32: 2 bytes a weight. */
  BFLOAT16,
  /** IEEE 754 binary16: 2 bytes a weight. */
  FLOAT16
}
