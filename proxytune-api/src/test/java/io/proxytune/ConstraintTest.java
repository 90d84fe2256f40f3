package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConstraintTest {
  @Test
  void equalFormsAreEqual() {
    Constraint one = Constraint.regex("a").then("b").or(Constraint.json());
    Constraint other = Constraint.regex("a").then(Constraint.choice("b")).or(Constraint.json());

    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(one).isNotEqualTo(Constraint.regex("a").then("c").or(Constraint.json()));
  }

  @Test
  void emptyTextsAreRefused() {
    assertThatThrownBy(() -> Constraint.choice())
        .hasMessage("a choice needs at least one text, got none");
    assertThatThrownBy(() -> Constraint.choice("a", ""))
        .hasMessage("a text to choose must not be empty");
    assertThatThrownBy(() -> Constraint.until(""))
        .hasMessage("a text up to a mark needs a mark, got an empty one");
    assertThatThrownBy(() -> new Constraint.Sequence(List.of()))
        .hasMessage("a sequence needs at least one part, got none");
    assertThatThrownBy(() -> new Constraint.AnyOf(List.of()))
        .hasMessage("any of some forms needs at least one, got none");
  }
}
