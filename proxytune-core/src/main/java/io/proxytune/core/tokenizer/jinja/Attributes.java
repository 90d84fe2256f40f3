package io.proxytune.core.tokenizer.jinja;

import java.util.Optional;

/** An object of this interpreter that has attributes, such as {@code loop}. */
@FunctionalInterface
interface Attributes {
  Optional<Object> attribute(String name);
}
