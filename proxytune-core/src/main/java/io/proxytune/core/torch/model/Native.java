package io.proxytune.core.torch.model;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/** Lifetimes of native objects. */
final class Native {
  private Native() {}

  /**
   * Makes an object outlive the scope it was made in; its owner closes it. A constructor keeps
   * nothing before all that may fail is done, or what it kept has no owner.
   */
  static <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    return pointer;
  }

  /** Does work in a scope of its own, out of which only the result comes into the one around it. */
  static <P extends Pointer> P onlyResult(Supplier<P> work) {
    PointerScope around = PointerScope.getInnerScope();
    try (PointerScope scope = new PointerScope()) {
      P result = work.get();
      around.attach(result);
      return result;
    }
  }

  /** LibTorch's message begins with what failed; a native stack trace follows. */
  static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
  }
}
