package io.proxytune.core.torch.model;

import org.bytedeco.javacpp.Pointer;

/** Lifetimes of native objects. */
final class Native {
  private Native() {}

  /** Makes an object outlive the scope it was made in; its owner closes it. */
  static <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    return pointer;
  }

  /** LibTorch's message begins with what failed; a native stack trace follows. */
  static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
  }
}
