package io.proxytune.core.tokenizer.jinja;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A dict that grows: all new dicts of a template are written by it, and so paid for. */
final class DictWriter {
  private final Budget budget;
  private final Map<Object, Object> entries = new LinkedHashMap<>();

  DictWriter(Budget budget) {
    this.budget = budget;
    budget.newObject();
  }

  /** Puts an entry; a later one replaces an earlier one. */
  DictWriter put(Object key, Object value) {
    Keys.pay(budget, key, entries.size());
    budget.newObject();
    entries.put(key, value);
    return this;
  }

  Map<Object, Object> dict() {
    return Collections.unmodifiableMap(entries);
  }
}
