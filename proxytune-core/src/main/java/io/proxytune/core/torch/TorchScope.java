package io.proxytune.core.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;

/**
 * The frame of native work on one thread: no gradients, and every native object made inside is
 * freed at its end unless it was {@linkplain org.bytedeco.javacpp.Pointer#retainReference
 * retained}. Use with try-with-resources, on one thread, one scope a step.
 */
public final class TorchScope implements AutoCloseable {
  private final InferenceMode inference;
  private final PointerScope pointers;

  private TorchScope() {
    this.inference = new InferenceMode(true);
    this.pointers = new PointerScope();
  }

  /**
   * Opens a scope on this thread.
   *
   * @return the scope
   */
  public static TorchScope open() {
    TorchRuntime.load();
    TorchRuntime.applyThreads();
    return new TorchScope();
  }

  @Override
  public void close() {
    // In reverse order: the mode is a guard on this thread's stack.
    pointers.close();
    inference.close();
  }
}
