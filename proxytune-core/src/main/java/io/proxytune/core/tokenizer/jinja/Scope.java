package io.proxytune.core.tokenizer.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names that a part of a template sees: its own, then those around it. */
final class Scope {
  private final @Nullable Scope outer;
  private final Limits limits;
  private final Map<String, Object> variables = new HashMap<>();

  private Scope(@Nullable Scope outer, Limits limits) {
    this.outer = outer;
    this.limits = limits;
  }

  /** The outermost scope of one rendering. */
  static Scope root() {
    return new Scope(null, new Limits());
  }

  Scope inner() {
    return new Scope(this, limits);
  }

  Limits limits() {
    return limits;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.variables.get(name);
      if (value != null) {
        return value;
      }
    }
    return Undefined.name(name);
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }
}
