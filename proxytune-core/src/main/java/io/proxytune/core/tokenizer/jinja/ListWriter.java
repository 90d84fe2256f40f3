package io.proxytune.core.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** A list that grows: all new lists of a template are written by it, and so paid for. */
final class ListWriter {
  private final Budget budget;
  private final List<Object> items = new ArrayList<>();

  ListWriter(Budget budget) {
    this.budget = budget;
    budget.newObject();
  }

  ListWriter add(Object item) {
    budget.newItems(1);
    items.add(item);
    return this;
  }

  /** Adds a text that was made for it. */
  ListWriter addText(String text) {
    budget.newText(text.length());
    return add(text);
  }

  ListWriter addAll(Collection<?> more) {
    budget.newItems(more.size());
    items.addAll(more);
    return this;
  }

  int size() {
    return items.size();
  }

  List<Object> list() {
    return Collections.unmodifiableList(items);
  }
}
