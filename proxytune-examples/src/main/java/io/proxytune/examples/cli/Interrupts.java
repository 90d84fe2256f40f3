package io.proxytune.examples.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Ctrl-C as something that a program can answer. The JDK's class for signals is asked for by name:
 * javac warns of its use, and where it is missing Ctrl-C ends the program as ever.
 */
public final class Interrupts implements AutoCloseable {
  private final Runnable undo;

  private Interrupts(Runnable undo) {
    this.undo = undo;
  }

  /**
   * Answers Ctrl-C until this is closed.
   *
   * @param action called by a thread of the JVM's each time
   * @return what undoes it
   */
  public static Interrupts answering(Runnable action) {
    try {
      Class<?> signals = Class.forName("sun.misc.Signal");
      Class<?> handlers = Class.forName("sun.misc.SignalHandler");
      Object interrupt = signals.getConstructor(String.class).newInstance("INT");
      Object handler =
          Proxy.newProxyInstance(
              handlers.getClassLoader(),
              new Class<?>[] {handlers},
              (proxy, method, arguments) -> answer(proxy, method, arguments, action));
      Method handle = signals.getMethod("handle", signals, handlers);
      Object before = handle.invoke(null, interrupt, handler);
      return new Interrupts(() -> restore(handle, interrupt, before));
    } catch (ReflectiveOperationException | RuntimeException e) {
      return new Interrupts(() -> {}); // no signals here, or they are the JVM's alone (-Xrs)
    }
  }

  private static Object answer(Object proxy, Method method, Object[] arguments, Runnable action) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "Interrupts";
      default -> {
        action.run();
        yield ""; // what a handler gives is void
      }
    };
  }

  private static void restore(Method handle, Object interrupt, Object before) {
    try {
      handle.invoke(null, interrupt, before);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("Ctrl-C can't be given back", e);
    }
  }

  @Override
  public void close() {
    undo.run();
  }
}
