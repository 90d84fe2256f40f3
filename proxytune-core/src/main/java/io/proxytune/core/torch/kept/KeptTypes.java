package io.proxytune.core.torch.kept;

import io.proxytune.core.checkpoint.StoredType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The dtypes of packed weights, as files name them. */
final class KeptTypes {
  private KeptTypes() {}

  static StoredType of(ScalarType type) {
    return switch (type) {
      case Float -> StoredType.F32;
      case Half -> StoredType.F16;
      case BFloat16 -> StoredType.BF16;
      case Int -> StoredType.I32;
      case Char -> StoredType.I8;
      case Byte -> StoredType.U8;
      default -> throw new IllegalArgumentException("packed weights can't be of dtype " + type);
    };
  }
}
