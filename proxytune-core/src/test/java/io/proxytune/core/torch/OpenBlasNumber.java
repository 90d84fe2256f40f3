package io.proxytune.core.torch;

import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;

/** OpenBLAS's own variable, whoever set it: the number of threads that it uses. */
public final class OpenBlasNumber {
  private OpenBlasNumber() {}

  /** Its value; OpenBLAS must be loaded. */
  public static int get() {
    return new IntPointer(Loader.addressof("blas_cpu_number")).get(0);
  }
}
