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

  Flow run(Scope scope, Output out);

  /** Text as it stands. */
  record Data(String text) implements Statement {
    @Override
    public Flow run(Scope scope, Output out) {
      out.append(text);
      return Flow.NEXT;
    }
  }

  /** {@code {{ value }}}. */
  record Print(Expression value) implements Statement {
    @Override
    public Flow run(Scope scope, Output out) {
      out.append(Text.of(value.evaluate(scope)));
      return Flow.NEXT;
    }
  }

  /** Statements in a row. */
  record Sequence(List<Statement> statements) implements Statement {
    @Override
    public Flow run(Scope scope, Output out) {
      for (Statement statement : statements) {
        Flow flow = statement.run(scope, out);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    }
  }

  /** A statement whose failures name its line. */
  record Located(int line, Statement statement) implements Statement {
    @Override
    public Flow run(Scope scope, Output out) {
      try {
        scope.limits().step();
        return statement.run(scope, out);
      } catch (TemplateException e) {
        throw e.at(line);
      }
    }
  }

  /** {@code {% if %}}; elif is another one in {@code otherwise}. */
  record If(Expression condition, Statement then, Statement otherwise) implements Statement {
    @Override
    public Flow run(Scope scope, Output out) {
      Statement chosen = Values.truth(condition.evaluate(scope)) ? then : otherwise;
      return chosen.run(scope, out);
    }
  }

  /** {@code {% set %}}. */
  record Set(Target target, Expression value) implements Statement {
    @Override
    public Flow run(Scope scope, Output out) {
      target.assign(scope, value.evaluate(scope));
      return Flow.NEXT;
    }
  }

  /** Statements with variables of their own, such as {@code {% with %}}. */
  record Scoped(List<Set> variables, Statement body) implements Statement {
    @Override
    public Flow run(Scope scope, Output out) {
      Scope inner = scope.inner();
      variables.forEach(set -> set.target().assign(inner, set.value().evaluate(scope)));
      return body.run(inner, out);
    }
  }

  /** {@code {% break %}} or {@code {% continue %}}. */
  record Jump(Flow flow) implements Statement {
    @Override
    public Flow run(Scope scope, Output out) {
      return flow;
    }
  }

  /** The text of statements, as an expression. */
  record Capture(Statement body) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Output out = new Output();
      body.run(scope.inner(), out);
      return out.text();
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
    public Flow run(Scope scope, Output out) {
      return loop(scope, out, iterable.evaluate(scope), 0);
    }

    private Flow loop(Scope scope, Output out, Object sequence, int depth) {
      List<Object> items =
          Values.items(sequence).stream().filter(item -> counts(scope, item)).toList();
      Loop loop = new Loop(items, depth, arguments -> recurse(scope, arguments, depth));
      for (int i = 0; i < items.size(); i++) {
        scope.limits().step();
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

    private boolean counts(Scope scope, Object item) {
      Scope test = scope.inner();
      target.assign(test, item);
      return Values.truth(condition.evaluate(test));
    }

    private Object recurse(Scope scope, Arguments arguments, int depth) {
      if (!recursive) {
        throw new TemplateException("the loop must have the 'recursive' marker to be called");
      }
      Output out = new Output();
      loop(scope, out, arguments.require(0, "iterable"), depth + 1);
      return out.text();
    }
  }
}
