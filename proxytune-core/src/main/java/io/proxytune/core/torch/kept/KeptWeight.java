package io.proxytune.core.torch.kept;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The tensors that a packed weight was kept as. For one thread. */
public interface KeptWeight {
  /**
   * Reads one, in the current scope.
   *
   * @param part its name among the weight's
   * @param type the dtype that it must have
   * @param shape the shape that it must have
   * @return the tensor, with memory of its own
   * @throws UnusableException if there is none, it has another dtype or shape, or its file can't be
   *     read
   */
  Tensor read(String part, ScalarType type, long... shape);

  /** What was kept can't be used: the weight is packed anew. */
  final class UnusableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Says why.
     *
     * @param message what was expected and what was found
     */
    public UnusableException(String message) {
      super(message);
    }

    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
