package io.proxytune.core.tokenizer.jinja;

/** Python's None. */
enum None {
  NONE
}
