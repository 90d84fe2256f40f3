package io.proxytune.core.torch;

import io.proxytune.core.DType;
import io.proxytune.core.checkpoint.StoredType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Number formats: the files', the application's choice, LibTorch's. */
public final class ScalarTypes {
  private ScalarTypes() {}

  /**
   * LibTorch's type for what a file holds.
   *
   * @param stored a weight's type
   * @return the type
   */
  public static ScalarType of(StoredType stored) {
    return switch (stored) {
      case F32 -> ScalarType.Float;
      case BF16 -> ScalarType.BFloat16;
      case F16 -> ScalarType.Half;
      case F64 -> ScalarType.Double;
      default -> throw new IllegalArgumentException("weights can't be of dtype " + stored);
    };
  }

  /**
   * LibTorch's type for a choice.
   *
   * @param chosen the application's choice
   * @param stored what the file holds
   * @return the type
   */
  public static ScalarType of(DType chosen, StoredType stored) {
    return switch (chosen) {
      case AS_STORED -> of(stored);
      case FLOAT32 -> ScalarType.Float;
      case BFLOAT16 -> ScalarType.BFloat16;
      case FLOAT16 -> ScalarType.Half;
    };
  }

  /**
   * The size of a number.
   *
   * @param type a type of weights
   * @return the size in bytes
   */
  public static int bytes(ScalarType type) {
    return type == ScalarType.Float ? 4 : 2;
  }

  /**
   * The name of a type as {@code --dtype} takes it.
   *
   * @param type a type of weights
   * @return such as {@code bfloat16}
   */
  public static String name(ScalarType type) {
    return switch (type) {
      case Float -> "float32";
      case BFloat16 -> "bfloat16";
      case Half -> "float16";
      default -> type.toString();
    };
  }
}
