package io.proxytune.core.torch.kept;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The tensors that a packed weight was kept as. For one thread. */
public interface KeptWeight {
  /**
   * Whether there is one.
   *
   * @param part its name among the weight's
   * @return true if it can be asked for
   */
  boolean has(String part);

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

  /**
   * Reads one into a tensor that is there.
   *
   * @param part its name among the weight's
   * @param target on the CPU, without gaps, of the dtype and shape that it must have; what it holds
   *     after an exception is not known
   * @throws UnusableException as {@link #read} does
   */
  void readInto(String part, Tensor target);

  /**
   * Makes a tensor like the one that was first made under a name while this file was open: the
   * first as it is told, each other as its copy, which is faster where the first is laid out in a
   * way of its own.
   *
   * @param name the same for those that are alike in all but their numbers
   * @param first makes one
   * @return a new tensor in the current scope, whatever is in it
   */
  Tensor like(String name, Supplier<Tensor> first);

  /**
   * The name of what was kept of a part of a weight.
   *
   * @param name that of the same of a weight in one piece
   * @param number the part's
   * @return another name
   */
  static String ofPart(String name, int number) {
    return name + " " + number;
  }

  /**
   * What was kept of a part, under {@linkplain #ofPart names of its own}.
   *
   * @param number the part's
   * @return the same as of a weight in one piece
   */
  KeptWeight part(int number);

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
