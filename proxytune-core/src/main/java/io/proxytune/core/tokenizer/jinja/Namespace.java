package io.proxytune.core.tokenizer.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What {@code namespace(…)} makes: attributes that a template can set from inside a loop. */
final class Namespace implements Attributes {
  private final Map<String, Object> attributes = new HashMap<>();

  @Override
  public Optional<Object> attribute(String name) {
    return Optional.ofNullable(attributes.get(name));
  }

  void set(String name, Object value) {
    if (name.startsWith("_")) {
      throw new TemplateException(
          "a namespace has no attributes that begin with an underscore, got '" + name + "'");
    }
    attributes.put(name, value);
  }
}
