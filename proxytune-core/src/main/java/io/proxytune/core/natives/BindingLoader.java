package io.proxytune.core.natives;

/**
 * Loads a binding's native library. Threads that are started by that, such as the JDK's for a
 * process, would keep the calling thread's context class loader, which may be an application's; a
 * server's has to end with it. They get the binding's own.
 */
public final class BindingLoader {
  private BindingLoader() {}

  /**
   * Loads on the calling thread.
   *
   * @param binding a class of the binding
   * @param load loads it
   */
  public static void load(Class<?> binding, Runnable load) {
    Thread thread = Thread.currentThread();
    ClassLoader context = thread.getContextClassLoader();
    thread.setContextClassLoader(binding.getClassLoader());
    try {
      load.run();
    } finally {
      thread.setContextClassLoader(context);
    }
  }
}
