package io.proxytune.core.torch;

import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;
import org.jspecify.annotations.Nullable;

/**
 * The number of threads that the BLAS of LibTorch uses. JavaCPP has a function to set it, which
 * searches all loaded libraries for four names each time, for 0.2 to 1 ms: as long as a pass of a
 * model of half a million weights. So OpenBLAS's own is looked up once.
 *
 * <p>Not safe for use by several threads at once.
 */
final class BlasThreads {
  private BlasThreads() {}

  /**
   * How many there are. JavaCPP's function for it knows only what was set by way of JavaCPP, and
   * gives -1 before.
   *
   * @throws LinkageError if LibTorch has another BLAS than JavaCPP knows
   */
  static int get() {
    int known = openblas_nolapack.blas_get_num_threads(); // loads OpenBLAS where nobody has
    IntPointer own = OpenBlas.number;
    if (own != null) {
      return own.get(0);
    }
    return known > 0 ? known : Runtime.getRuntime().availableProcessors();
  }

  /** Changes it; {@link #get} was called before. */
  static void set(int number) {
    SetNumThreads own = OpenBlas.setter;
    if (own != null) {
      own.call(number);
      return;
    }
    try (PointerScope scope = new PointerScope()) { // it leaves objects to the garbage collector
      openblas_nolapack.blas_set_num_threads(number);
    }
  }

  /** Looked up once, when OpenBLAS is loaded, and never freed: they live as long as the process. */
  private static final class OpenBlas {
    /** OpenBLAS's variable. */
    static final @Nullable IntPointer number = findNumber();

    /** OpenBLAS's function, where no MKL stands beside it or for it. */
    static final @Nullable SetNumThreads setter = findSetter();

    private static @Nullable IntPointer findNumber() {
      try (Pointer found = Loader.addressof("blas_cpu_number")) {
        return isMissing(found) ? null : new IntPointer(found).retainReference();
      }
    }

    private static @Nullable SetNumThreads findSetter() {
      try (Pointer mkl = Loader.addressof("MKL_Set_Num_Threads");
          Pointer found = Loader.addressof("openblas_set_num_threads")) {
        boolean usable = isMissing(mkl) && !isMissing(found);
        return usable ? new Setter(found) : null;
      }
    }

    private static boolean isMissing(@Nullable Pointer found) {
      return found == null || found.isNull();
    }
  }

  /** JavaCPP's constructor for a function that is there is for its own package. */
  private static final class Setter extends SetNumThreads {
    Setter(Pointer function) {
      put(function);
      retainReference();
    }
  }
}
