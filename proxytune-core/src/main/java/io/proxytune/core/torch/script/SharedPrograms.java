package io.proxytune.core.torch.script;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Programs of one source are one: models of one shape, such as an expert and its anti-expert, have
 * it in common. Some that nobody uses any more are kept for the next model of their shape.
 *
 * <p>Safe for use by several threads.
 */
final class SharedPrograms<P> {
  /** Compiles a source. */
  interface Compiler<P> {
    P compile(String className, String source) throws IOException;
  }

  private record Key(String className, String source) {}

  private static final class Shared<P> {
    final P program;
    int users;

    Shared(P program) {
      this.program = program;
    }
  }

  private final Compiler<P> compiler;
  private final Consumer<P> closer;
  private final int mostUnused;
  private final Map<Key, Shared<P>> programs = new HashMap<>(); // guarded by this
  private final Set<Key> unused = new LinkedHashSet<>(); // the first is the longest so

  /**
   * Nothing yet.
   *
   * @param mostUnused the most programs to keep that nobody uses
   */
  SharedPrograms(Compiler<P> compiler, Consumer<P> closer, int mostUnused) {
    this.compiler = compiler;
    this.closer = closer;
    this.mostUnused = mostUnused;
  }

  /** One user's hold of a program. For one thread. */
  final class Hold implements AutoCloseable {
    private final Key key;
    private final P program;
    private boolean closed;

    private Hold(Key key, P program) {
      this.key = key;
      this.program = program;
    }

    P program() {
      return program;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        release(key);
      }
    }
  }

  /**
   * The program of a source, compiled unless it is there.
   *
   * @throws IOException if the compiler does
   */
  synchronized Hold hold(String className, String source) throws IOException {
    Key key = new Key(className, source);
    @Nullable Shared<P> shared = programs.get(key);
    if (shared == null) {
      shared = new Shared<>(compiler.compile(className, source));
      programs.put(key, shared);
    }
    shared.users++;
    unused.remove(key);
    return new Hold(key, shared.program);
  }

  private synchronized void release(Key key) {
    Shared<P> shared = programs.get(key);
    if (shared != null && --shared.users == 0) {
      unused.add(key);
      closeUnused(mostUnused);
    }
  }

  /** Closes programs that nobody uses until so many are left, those first that are longest so. */
  synchronized void closeUnused(int left) {
    while (unused.size() > left) {
      Key oldest = unused.iterator().next();
      unused.remove(oldest);
      @Nullable Shared<P> shared = programs.remove(oldest);
      if (shared != null) {
        closer.accept(shared.program);
      }
    }
  }
}
