package io.proxytune.core.constraint;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A set of texts, put together from smaller ones: immutable but for rules that are yet to come. */
sealed interface Form {
  /** The empty text. */
  Form EMPTY = new Sequence(List.of());

  /** No text at all. */
  Form NOTHING = new AnyOf(List.of());

  /** One character of a set. */
  record OneOf(CodePoints characters) implements Form {}

  /** A token that leaves no text. */
  record SpecialToken(int id) implements Form {}

  /** Any text up to the first such mark, which is not empty or the special token, and the mark. */
  record Until(String mark, Optional<Integer> token) implements Form {}

  /** Forms behind each other. */
  record Sequence(List<Form> parts) implements Form {
    public Sequence {
      parts = List.copyOf(parts);
    }
  }

  /** One of some forms. */
  record AnyOf(List<Form> alternatives) implements Form {
    public AnyOf {
      alternatives = List.copyOf(alternatives);
    }
  }

  /** A form several times; {@link #UNBOUNDED} for no limit. */
  record Repeat(Form form, int min, int max) implements Form {
    static final int UNBOUNDED = Integer.MAX_VALUE;

    public Repeat {
      checkArgument(min >= 0 && min <= max, "can't repeat from %s to %s times", min, max);
    }
  }

  /** A form that may hold itself. Compared by identity. */
  final class Rule implements Form {
    private final String name;
    private final Supplier<Form> body;

    /**
     * Names a form.
     *
     * @param name for messages
     * @param body the form, asked for when all rules are known
     */
    Rule(String name, Supplier<Form> body) {
      this.name = name;
      this.body = Suppliers.memoize(body::get); // what is told of a form is told of this object
    }

    String name() {
      return name;
    }

    Form body() {
      return body.get();
    }
  }

  /** A text. */
  static Form text(String text) {
    return new Sequence(
        text.codePoints()
            .<Form>mapToObj(c -> new OneOf(CodePoints.of(Character.toString(c))))
            .toList());
  }

  /** Forms behind each other. */
  static Form sequence(Form... parts) {
    return new Sequence(Arrays.asList(parts));
  }

  /** One of some forms. */
  static Form anyOf(Form... alternatives) {
    return new AnyOf(Arrays.asList(alternatives));
  }

  /** The form, or the empty text. */
  static Form optional(Form form) {
    return new Repeat(form, 0, 1);
  }

  /** The form any number of times. */
  static Form many(Form form) {
    return new Repeat(form, 0, Repeat.UNBOUNDED);
  }
}
