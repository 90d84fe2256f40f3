package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What may be the key of a dict, and what looking for it costs. */
final class Keys {
  private Keys() {}

  /**
   * Pays for looking up a key.
   *
   * @param size the entries of the dict: keys that are no texts may be made to collide, so that
   *     each is compared with all others
   * @throws TemplateException if the value can't be a key
   */
  static void pay(Budget budget, Object key, int size) {
    if (key instanceof String text) {
      budget.readText(text.length());
    } else if (key instanceof Tuple tuple) {
      budget.checkDepth(tuple.depth());
      budget.work(tuple.weight() + size);
      tuple.items().forEach(item -> pay(budget, item, 0));
    } else if (!isHashable(key)) {
      throw new TemplateException("unhashable type: '" + Values.typeName(key) + "'");
    } else {
      budget.work(1L + size);
    }
  }

  /** Whether a value may be a key, as far as can be seen without looking into it. */
  static boolean isHashable(Object value) {
    return !(value instanceof List || value instanceof Map || value instanceof Undefined);
  }

  /** The entry of a dict. */
  static Optional<Object> find(Budget budget, Map<?, ?> dict, Object key) {
    pay(budget, key, dict.size());
    return Optional.ofNullable(dict.get(key));
  }
}
