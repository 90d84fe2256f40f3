package io.proxytune.core.lifetime;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Closes many things although closing one fails. */
public final class Closeables {
  private Closeables() {}

  /** Closes all, then throws the first failure with the others suppressed in it. */
  public static void all(Collection<? extends AutoCloseable> resources) {
    Throwable failure = null;
    for (AutoCloseable resource : resources) {
      failure = close(resource, failure);
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    } else if (failure instanceof Error e) {
      throw e;
    }
  }

  /** Closes one thing because of a failure, to which a failure of closing is added. */
  public static void quietly(Throwable cause, AutoCloseable resource) {
    close(resource, cause);
  }

  private static @Nullable Throwable close(AutoCloseable resource, @Nullable Throwable failure) {
    try {
      resource.close();
      return failure;
    } catch (RuntimeException | Error e) {
      return merge(failure, e);
    } catch (Exception e) {
      return merge(failure, new IllegalStateException(e));
    }
  }

  private static Throwable merge(@Nullable Throwable first, Throwable second) {
    if (first == null || first == second) {
      return second;
    }
    first.addSuppressed(second);
    return first;
  }
}
