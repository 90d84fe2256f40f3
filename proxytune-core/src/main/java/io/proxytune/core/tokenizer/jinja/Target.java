package io.proxytune.core.tokenizer.jinja;

import java.util.List;

/** What a value is assigned to. */
interface Target {
  void assign(Scope scope, Object value);

  /** A variable. */
  record ToName(String name) implements Target {
    @Override
    public void assign(Scope scope, Object value) {
      scope.set(name, value);
    }
  }

  /** An attribute of a namespace. */
  record ToAttribute(String object, String name) implements Target {
    @Override
    public void assign(Scope scope, Object value) {
      if (!(scope.get(object) instanceof Namespace namespace)) {
        throw new TemplateException("cannot assign attribute on non-namespace object");
      }
      namespace.set(name, value);
    }
  }

  /** Several targets, for the items of a sequence. */
  record ToEach(List<Target> targets) implements Target {
    @Override
    public void assign(Scope scope, Object value) {
      List<Object> items = Values.items(scope.budget(), value);
      if (items.size() != targets.size()) {
        throw new TemplateException(
            "expected %d values to unpack, got %d".formatted(targets.size(), items.size()));
      }
      for (int i = 0; i < items.size(); i++) {
        targets.get(i).assign(scope, items.get(i));
      }
    }
  }
}
