package io.proxytune.core.tokenizer.jinja;

import java.util.List;

/** What filters such as {@code map} give: true whatever it holds, and read only once. */
final class Generator {
  private List<Object> items;

  Generator(List<Object> items) {
    this.items = items;
  }

  int size() {
    return items.size();
  }

  List<Object> drain() {
    List<Object> rest = items;
    items = List.of();
    return rest;
  }

  /** The next item alone; nothing where there is none. */
  List<Object> drainOne() {
    List<Object> first = items.subList(0, Math.min(1, items.size()));
    items = items.subList(first.size(), items.size());
    return first;
  }
}
