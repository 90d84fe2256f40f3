package io.proxytune.core.tokenizer.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names that a part of a template sees: its own, then those around it. */
final class Scope {
  private final @Nullable Scope outer;
  private final Budget budget;
  private final Map<String, Object> variables = new HashMap<>();

  private Scope(@Nullable Scope outer, Budget budget) {
    this.outer = outer;
    this.budget = budget;
    budget.newObject();
  }

  /** The outermost scope of one rendering. */
  static Scope root(Budget budget) {
    return new Scope(null, budget);
  }

  Scope inner() {
    return new Scope(this, budget);
  }

  Budget budget() {
    return budget;
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
