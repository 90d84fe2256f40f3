package io.proxytune.core.tokenizer.jinja;

/**
 * What a name without a value gives: it prints nothing, is false and empty, and fails elsewhere.
 *
 * @param reason what is missing, such as {@code 'x' is undefined}
 */
record Undefined(String reason) {
  static Undefined name(String name) {
    return new Undefined("'" + name + "' is undefined");
  }

  static Undefined attribute(Object object, String name) {
    String owner = object == None.NONE ? "None" : Values.typeName(object) + " object";
    return new Undefined("'" + owner + "' has no attribute '" + name + "'");
  }

  static Undefined element(Budget budget, Object object, Object key) {
    return new Undefined(
        Values.typeName(object) + " object has no element " + Text.repr(budget, key));
  }

  TemplateException failure() {
    return new TemplateException(reason);
  }
}
