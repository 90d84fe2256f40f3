package io.proxytune.core.checkpoint;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The dtypes of the safetensors format, by the names that its headers use. */
public enum StoredType {
  F32(32),
  BF16(16),
  F16(16),
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  I32(32),
  U32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private static final Set<StoredType> WEIGHTS = EnumSet.of(F32, BF16, F16, F64);

  private final int bits;

  StoredType(int bits) {
    this.bits = bits;
  }

  /**
   * The size of an element; below 8 or no multiple of 8 for packed types.
   *
   * @return the size in bits, at least 4
   */
  public int bits() {
    return bits;
  }

  /**
   * Whether models can be loaded from tensors of this type.
   *
   * @return whether it is F32, BF16, F16 or F64
   */
  public boolean isWeight() {
    return WEIGHTS.contains(this);
  }

  static Optional<StoredType> named(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  static String names() {
    return Arrays.stream(values()).map(StoredType::name).collect(Collectors.joining(", "));
  }
}
