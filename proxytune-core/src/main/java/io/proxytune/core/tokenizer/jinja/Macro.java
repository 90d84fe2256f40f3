package io.proxytune.core.tokenizer.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro, which renders its body with arguments of its own. */
final class Macro implements Invocable {
  private final Definition definition;
  private final Scope scope;

  private Macro(Definition definition, Scope scope) {
    this.definition = definition;
    this.scope = scope;
  }

  /**
   * The expression that makes a macro.
   *
   * @param name its name
   * @param parameters the names of its parameters
   * @param defaults the defaults of the last parameters
   * @param takesMore whether the body reads {@code varargs} or {@code kwargs}
   * @param body what it renders
   */
  record Definition(
      String name,
      List<String> parameters,
      List<Expression> defaults,
      boolean takesMore,
      Statement body)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return new Macro(this, scope);
    }
  }

  @Override
  public Object call(Arguments arguments) {
    Scope own = scope.inner();
    bind(own, arguments);
    TextWriter out = new TextWriter(scope.budget());
    definition.body.run(own, out);
    return out.toString();
  }

  private void bind(Scope own, Arguments arguments) {
    List<String> parameters = definition.parameters;
    Map<String, Object> rest = new LinkedHashMap<>(arguments.named());
    int required = parameters.size() - definition.defaults.size();
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      Object value =
          arguments.get(i, name, new Undefined("parameter '" + name + "' was not given"));
      boolean missing = value instanceof Undefined && i >= required && !rest.containsKey(name);
      own.set(
          name,
          missing && i >= arguments.positional().size()
              ? definition.defaults.get(i - required).value(own)
              : value);
      rest.remove(name);
    }
    Object caller = rest.remove("caller");
    own.set("caller", caller == null ? new Undefined("No caller defined") : caller);
    bindMore(own, arguments.from(parameters.size()).positional(), rest);
  }

  private void bindMore(Scope own, List<Object> positional, Map<String, Object> named) {
    if (!definition.takesMore && !(positional.isEmpty() && named.isEmpty())) {
      throw new TemplateException(
          "macro '%s' takes %d arguments, got more: %s"
              .formatted(
                  definition.name,
                  definition.parameters.size(),
                  named.isEmpty() ? Text.repr(own.budget(), positional) : named.keySet()));
    }
    own.set("varargs", new Tuple(positional));
    DictWriter kwargs = new DictWriter(own.budget());
    named.forEach(kwargs::put);
    own.set("kwargs", kwargs.dict());
  }
}
