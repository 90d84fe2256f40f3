package io.proxytune.core.constraint;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which forms some text has. A rule that can't but hold itself has none, and one that begins with
 * itself is refused: it says nothing of how a text begins.
 */
final class Productivity {
  private final Map<Form.Rule, Form> bodies = new LinkedHashMap<>();
  private final Set<Form.Rule> possible = new HashSet<>();
  private final Set<Form.Rule> nullable = new HashSet<>();

  private Productivity() {}

  static Productivity of(Form form) {
    Productivity productivity = new Productivity();
    productivity.collect(form);
    productivity.settle();
    productivity.bodies.keySet().forEach(productivity::requireBegin);
    return productivity;
  }

  private void collect(Form form) {
    Deque<Form> open = new ArrayDeque<>(Set.of(form));
    while (!open.isEmpty()) {
      Form next = open.remove();
      if (next instanceof Form.Sequence sequence) {
        open.addAll(sequence.parts());
      } else if (next instanceof Form.AnyOf any) {
        open.addAll(any.alternatives());
      } else if (next instanceof Form.Repeat repeat) {
        open.add(repeat.form());
      } else if (next instanceof Form.Rule rule && !bodies.containsKey(rule)) {
        bodies.put(rule, rule.body());
        open.add(bodies.get(rule));
      }
    }
  }

  /** What is known of one rule may tell of others, until nothing new comes of it. */
  private void settle() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Map.Entry<Form.Rule, Form> rule : bodies.entrySet()) {
        changed |= isPossible(rule.getValue()) && possible.add(rule.getKey());
        changed |= isNullable(rule.getValue()) && nullable.add(rule.getKey());
      }
    }
  }

  /** Whether some text has this form. */
  boolean isPossible(Form form) {
    if (form instanceof Form.OneOf character) {
      return !character.characters().isEmpty();
    } else if (form instanceof Form.SpecialToken) {
      return true;
    } else if (form instanceof Form.Until until) {
      return isPossible(Form.text(until.mark()));
    } else if (form instanceof Form.Sequence sequence) {
      return sequence.parts().stream().allMatch(this::isPossible);
    } else if (form instanceof Form.AnyOf any) {
      return any.alternatives().stream().anyMatch(this::isPossible);
    } else if (form instanceof Form.Repeat repeat) {
      return repeat.min() == 0 || isPossible(repeat.form());
    }
    return possible.contains((Form.Rule) form);
  }

  private boolean isNullable(Form form) {
    if (form instanceof Form.Sequence sequence) {
      return sequence.parts().stream().allMatch(this::isNullable);
    } else if (form instanceof Form.AnyOf any) {
      return any.alternatives().stream().anyMatch(this::isNullable);
    } else if (form instanceof Form.Repeat repeat) {
      return repeat.min() == 0 || isNullable(repeat.form());
    }
    return form instanceof Form.Rule rule && nullable.contains(rule);
  }

  private void requireBegin(Form.Rule rule) {
    Set<Form.Rule> seen = new LinkedHashSet<>();
    addFirst(bodies.get(rule), seen);
    checkArgument(
        !seen.contains(rule),
        "%s begins with itself, which says nothing of how a text begins: put something between,"
            + " such as an object",
        rule.name());
  }

  /** The rules that a form may begin with. */
  private void addFirst(Form form, Set<Form.Rule> seen) {
    if (form instanceof Form.Sequence sequence) {
      for (Form part : sequence.parts()) {
        addFirst(part, seen);
        if (!isNullable(part)) {
          return;
        }
      }
    } else if (form instanceof Form.AnyOf any) {
      any.alternatives().forEach(each -> addFirst(each, seen));
    } else if (form instanceof Form.Repeat repeat) {
      addFirst(repeat.form(), seen);
    } else if (form instanceof Form.Rule rule && seen.add(rule)) {
      addFirst(bodies.get(rule), seen);
    }
  }
}
