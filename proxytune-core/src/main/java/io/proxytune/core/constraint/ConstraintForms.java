package io.proxytune.core.constraint;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Constraint;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Takes an application's constraints apart. For one thread. */
final class ConstraintForms {
  private final Function<String, Optional<Integer>> specialIds;

  /** Special tokens that the vocabulary lacks. */
  private final Set<String> missing = new LinkedHashSet<>();

  private ConstraintForms(Function<String, Optional<Integer>> specialIds) {
    this.specialIds = specialIds;
  }

  /**
   * The texts of a constraint.
   *
   * @param specialIds the ids of special tokens by their names
   * @throws IllegalArgumentException if it can't be read, or needs a special token that there is
   *     not
   */
  static Form of(Constraint constraint, Function<String, Optional<Integer>> specialIds) {
    ConstraintForms forms = new ConstraintForms(specialIds);
    Form form = forms.of(constraint);
    checkArgument(
        forms.missing.isEmpty() || Productivity.of(form).isPossible(form),
        "no text meets this constraint: the vocabulary has no special token %s",
        String.join(" or ", forms.missing));
    return form;
  }

  private Form of(Constraint constraint) {
    if (constraint instanceof Constraint.Regex regex) {
      return RegexParser.whole(regex.expression());
    } else if (constraint instanceof Constraint.Choice choice) {
      return new Form.AnyOf(choice.texts().stream().map(Form::text).toList());
    } else if (constraint instanceof Constraint.JsonSchema schema) {
      return SchemaReader.read(schema.schema());
    } else if (constraint instanceof Constraint.Sequence sequence) {
      return new Form.Sequence(sequence.parts().stream().map(this::of).toList());
    } else if (constraint instanceof Constraint.SpecialToken special) {
      return token(special.token());
    } else if (constraint instanceof Constraint.Until until) {
      return new Form.Until(until.mark(), specialIds.apply(until.mark()));
    }
    Constraint.AnyOf any = (Constraint.AnyOf) constraint;
    return new Form.AnyOf(any.alternatives().stream().map(this::of).toList());
  }

  private Form token(String name) {
    Optional<Integer> id = specialIds.apply(name);
    if (id.isEmpty()) {
      missing.add(name);
      return Form.NOTHING;
    }
    return new Form.SpecialToken(id.get());
  }
}
