package io.proxytune.core.torch.training;

import io.proxytune.core.torch.TorchRuntime;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;

/**
 * The frame of native work on one thread with or without a graph of gradients; every native object
 * made inside is freed at its end unless it was retained. Use with try-with-resources, one a step.
 */
final class TrainingScope implements AutoCloseable {
  private final AutoGradMode gradients;
  private final PointerScope pointers;

  private TrainingScope(boolean gradients) {
    this.gradients = new AutoGradMode(gradients);
    this.pointers = new PointerScope();
  }

  static TrainingScope withGradients() {
    return open(true);
  }

  static TrainingScope withoutGradients() {
    return open(false);
  }

  private static TrainingScope open(boolean gradients) {
    TorchRuntime.load();
    TorchRuntime.applyThreads();
    return new TrainingScope(gradients);
  }

  @Override
  public void close() {
    pointers.close();
    gradients.close();
  }
}
