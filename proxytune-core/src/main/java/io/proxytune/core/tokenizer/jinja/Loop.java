package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Optional;

/** The variable {@code loop} inside a for loop; calling it recurses. */
final class Loop implements Attributes, Invocable {
  private final List<Object> items;
  private final int depth;
  private final Invocable recursion;
  private int index;
  private Object changing = new Object();

  Loop(List<Object> items, int depth, Invocable recursion) {
    this.items = items;
    this.depth = depth;
    this.recursion = recursion;
  }

  void at(int place) {
    index = place;
  }

  @Override
  public Object call(Arguments arguments) {
    return recursion.call(arguments);
  }

  @Override
  public Optional<Object> attribute(String name) {
    int size = items.size();
    Object value =
        switch (name) {
          case "index" -> index + 1L;
          case "index0" -> (long) index;
          case "revindex" -> (long) size - index;
          case "revindex0" -> size - index - 1L;
          case "first" -> index == 0;
          case "last" -> index == size - 1;
          case "length" -> (long) size;
          case "depth" -> depth + 1L;
          case "depth0" -> (long) depth;
          case "previtem" -> neighbour(index - 1, "there is no previous item");
          case "nextitem" -> neighbour(index + 1, "there is no next item");
          case "cycle" -> (Invocable) this::cycle;
          case "changed" -> (Invocable) this::changed;
          default -> null;
        };
    return Optional.ofNullable(value);
  }

  private Object neighbour(int place, String reason) {
    return place >= 0 && place < items.size() ? items.get(place) : new Undefined(reason);
  }

  private Object cycle(Arguments arguments) {
    List<Object> values = arguments.positional();
    if (values.isEmpty()) {
      throw new TemplateException("no items for cycling given");
    }
    return values.get(index % values.size());
  }

  private Object changed(Arguments arguments) {
    Object now = new Tuple(arguments.positional());
    boolean differs = !Values.equal(arguments.budget(), now, changing);
    changing = now;
    return differs;
  }
}
