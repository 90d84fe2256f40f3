package io.proxytune.core.constraint;

import io.proxytune.Constraint;

/** Takes an application's constraints apart. */
final class ConstraintForms {
  private ConstraintForms() {}

  /**
   * The texts of a constraint.
   *
   * @throws IllegalArgumentException if it can't be read
   */
  static Form of(Constraint constraint) {
    if (constraint instanceof Constraint.Regex regex) {
      return RegexParser.whole(regex.expression());
    } else if (constraint instanceof Constraint.Choice choice) {
      return new Form.AnyOf(choice.texts().stream().map(Form::text).toList());
    } else if (constraint instanceof Constraint.JsonSchema schema) {
      return SchemaReader.read(schema.schema());
    } else if (constraint instanceof Constraint.Sequence sequence) {
      return new Form.Sequence(sequence.parts().stream().map(ConstraintForms::of).toList());
    }
    Constraint.AnyOf any = (Constraint.AnyOf) constraint;
    return new Form.AnyOf(any.alternatives().stream().map(ConstraintForms::of).toList());
  }
}
