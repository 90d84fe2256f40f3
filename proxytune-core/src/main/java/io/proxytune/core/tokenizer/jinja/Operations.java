package io.proxytune.core.tokenizer.jinja;

import java.util.Map;
import java.util.Set;

/**
 * The filters, tests, methods or functions of a template, by name. Nothing else runs them, so that
 * none can forget to pay: for going once through the value and each argument, and for the result.
 * What works more than that, or makes a result that may be larger than what it reads, pays for it
 * with the budget of its arguments.
 */
final class Operations {
  /** One of them. */
  @FunctionalInterface
  interface Operation {
    /**
     * Runs it.
     *
     * @param value the value before the bar, {@code is} or dot
     * @param arguments what stands in parentheses, and the budget
     * @return a value of the template language
     */
    Object apply(Object value, Arguments arguments);
  }

  private final String kind;
  private final Map<String, Operation> byName;
  private final Set<String> constant;

  /**
   * Names operations.
   *
   * @param kind what messages call one
   * @param byName the operations
   * @param constant the names of those that only look at what a value is, whatever its size
   */
  Operations(String kind, Map<String, Operation> byName, Set<String> constant) {
    this.kind = kind;
    this.byName = byName;
    this.constant = constant;
  }

  Set<String> names() {
    return byName.keySet();
  }

  boolean isConstant(String name) {
    return constant.contains(name);
  }

  /** Runs an operation and pays for it. */
  Object run(String name, Object value, Arguments arguments) {
    Operation operation = byName.get(name);
    if (operation == null) {
      throw new TemplateException("no " + kind + " named '" + name + "'");
    }
    Budget budget = arguments.budget();
    if (constant.contains(name)) {
      budget.work(1);
      return operation.apply(value, arguments);
    }
    budget.read(value);
    payFor(arguments);
    Object result = operation.apply(value, arguments);
    payForResult(result, value, budget);
    return result;
  }

  /** Calls a function of the application, a macro, loop or method, and pays for it. */
  static Object call(Invocable function, Arguments arguments) {
    payFor(arguments);
    Object result = function.call(arguments);
    payForResult(result, function, arguments.budget());
    return result;
  }

  private static void payFor(Arguments arguments) {
    arguments.positional().forEach(arguments.budget()::read);
    arguments.named().values().forEach(arguments.budget()::read);
  }

  private static void payForResult(Object result, Object value, Budget budget) {
    if (result != value) {
      budget.made(result);
    }
  }
}
