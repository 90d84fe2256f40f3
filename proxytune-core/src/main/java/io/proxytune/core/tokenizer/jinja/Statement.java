package io.proxytune.core.tokenizer.jinja;

import java.util.List;

/** A part of a template that writes text or changes variables. */
interface Statement {
  /** What follows a statement. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow run(Scope scope, TextWriter out);

  /** Text as it stands. */
  record Data(String text) implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      out.append(text);
      return Flow.NEXT;
    }
  }

  /** {@code {{ value }}}. */
  record Print(Expression value) implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      Text.write(out, value.value(scope));
      return Flow.NEXT;
    }
  }

  /** Statements in a row. */
  record Sequence(List<Statement> statements) implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      for (Statement statement : statements) {
        Flow flow = statement.run(scope, out);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    }
  }

  /** A statement whose failures name its line, one level deeper than those around it. */
  record Located(int line, Statement statement) implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      Budget budget = scope.budget();
      int outer = budget.line();
      budget.at(line);
      budget.enter();
      Flow flow = statement.run(scope, out);
      budget.leave();
      budget.at(outer);
      return flow;
    }
  }

  /** {@code {% if %}} or {@code {% elif %}} and what it leads to. */
  record Branch(int line, Expression condition, Statement then) {}

  /** {@code {% if %}} with its {@code elif}s. */
  record If(List<Branch> branches, Statement otherwise) implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      for (Branch branch : branches) {
        scope.budget().at(branch.line);
        if (Values.truth(branch.condition.value(scope))) {
          return branch.then.run(scope, out);
        }
      }
      return otherwise.run(scope, out);
    }
  }

  /** {@code {% set %}}. */
  record Set(Target target, Expression value) implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      target.assign(scope, value.value(scope));
      return Flow.NEXT;
    }
  }

  /** Statements with variables of their own, such as {@code {% with %}}. */
  record Scoped(List<Set> variables, Statement body) implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      Scope inner = scope.inner();
      variables.forEach(set -> set.target().assign(inner, set.value().value(scope)));
      return body.run(inner, out);
    }
  }

  /** {@code {% break %}} or {@code {% continue %}}. */
  record Jump(Flow flow) implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      return flow;
    }
  }

  /** The text of statements, as an expression. */
  record Capture(Statement body) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      TextWriter out = new TextWriter(scope.budget());
      body.run(scope.inner(), out);
      return out.toString();
    }
  }

  /**
   * {@code {% for %}}.
   *
   * @param target what each item is assigned to
   * @param iterable what it runs over
   * @param condition which items count
   * @param recursive whether {@code loop(…)} runs it again
   * @param body what it repeats
   * @param otherwise what runs where no item counts
   */
  record For(
      Target target,
      Expression iterable,
      Expression condition,
      boolean recursive,
      Statement body,
      Statement otherwise)
      implements Statement {
    @Override
    public Flow run(Scope scope, TextWriter out) {
      return loop(scope, out, iterable.value(scope), 0);
    }

    private Flow loop(Scope scope, TextWriter out, Object sequence, int depth) {
      List<Object> items = counted(scope, Values.items(scope.budget(), sequence));
      Loop loop = new Loop(items, depth, arguments -> recurse(scope, arguments, depth));
      for (int i = 0; i < items.size(); i++) {
        loop.at(i);
        Scope round = scope.inner();
        round.set("loop", loop);
        target.assign(round, items.get(i));
        if (body.run(round, out) == Flow.BREAK) {
          break;
        }
      }
      return items.isEmpty() ? otherwise.run(scope.inner(), out) : Flow.NEXT;
    }

    private List<Object> counted(Scope scope, List<Object> items) {
      if (condition instanceof Expression.Literal all && all.value().equals(true)) {
        return items;
      }
      ListWriter counted = new ListWriter(scope.budget());
      items.stream().filter(item -> counts(scope, item)).forEach(counted::add);
      return counted.list();
    }

    private boolean counts(Scope scope, Object item) {
      Scope test = scope.inner();
      target.assign(test, item);
      return Values.truth(condition.value(test));
    }

    private Object recurse(Scope scope, Arguments arguments, int depth) {
      if (!recursive) {
        throw new TemplateException("the loop must have the 'recursive' marker to be called");
      }
      TextWriter out = new TextWriter(scope.budget());
      loop(scope, out, arguments.require(0, "iterable"), depth + 1);
      return out.toString();
    }
  }
}
