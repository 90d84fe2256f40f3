package io.proxytune.core.speculation;

import io.proxytune.core.speculation.PromptLookup.Match;
import io.proxytune.core.speculation.StepReport.Outcome;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes texts that are known beforehand on a machine that is made up, with the steps of the
 * decode loop. Costs are in plain steps, without what the machine's clock shows beyond.
 */
final class DraftSimulation {
  private static final Set<DraftKind> LOOKUP =
      EnumSet.range(DraftKind.LOOKUP_1, DraftKind.LOOKUP_3);

  private final SimulatedMachine machine;
  private final Set<DraftKind> kinds;
  private final List<Step> steps = new ArrayList<>();

  /** What a step of one or more texts cost and gave. */
  private record Step(double cost, int tokens, int drafted, boolean byLookup) {}

  private DraftSimulation(SimulatedMachine machine, Set<DraftKind> kinds) {
    this.machine = machine;
    this.kinds = kinds;
  }

  static DraftSimulation withExpert(SimulatedMachine machine) {
    return new DraftSimulation(machine, EnumSet.of(DraftKind.EXPERT));
  }

  static DraftSimulation withLookup(SimulatedMachine machine) {
    return new DraftSimulation(machine, LOOKUP);
  }

  static DraftSimulation withBoth(SimulatedMachine machine) {
    return new DraftSimulation(machine, EnumSet.allOf(DraftKind.class));
  }

  /** A text that is being written. */
  private final class Writing {
    private final SimulatedText text;
    private final PromptLookup lookup;
    private int position;

    private Writing(SimulatedText text) {
      this.text = text;
      this.lookup = new PromptLookup(text.prompt());
    }

    private boolean goesOn() {
      return position < text.length();
    }

    private Outcome step(DraftLengths lengths) {
      Match match = lookup.find();
      DraftKind found = match.length() == 0 ? null : DraftKind.lookup(match.length());
      if (found != null && lengths.of(found) > 0) {
        int[] draft = lookup.continuation(match, lengths.of(found));
        int right = 0;
        while (right < draft.length
            && position + right < text.length()
            && draft[right] == text.ids()[position + right]) {
          right++;
        }
        return outcome(found, draft.length, right);
      }
      int length = lengths.of(DraftKind.EXPERT);
      return length == 0
          ? outcome(null, 0, 0)
          : outcome(DraftKind.EXPERT, length, text.rightByExpert(position, length));
    }

    private Outcome outcome(@Nullable DraftKind kind, int length, int right) {
      int emitted = Math.min(right + 1, text.length() - position);
      return new Outcome(kind, length, right, right < length && emitted > right, emitted);
    }

    private void take(int count, DraftPolicy policy) {
      for (int end = position + count; position < end; position++) {
        Match match = lookup.find();
        if (match.length() > 0 && kinds.contains(DraftKind.LOOKUP_1)) {
          int[] next = lookup.continuation(match, 1);
          policy.observe(DraftKind.lookup(match.length()), next[0] == text.ids()[position]);
        }
        lookup.append(text.ids()[position]);
      }
    }
  }

  /** Writes a text from its second token on; the first comes from the prompt. */
  DraftSimulation write(SimulatedText text, DraftPolicy policy) {
    return writeTogether(List.of(text), policy);
  }

  /** Writes texts in a batch. */
  DraftSimulation writeTogether(List<SimulatedText> texts, DraftPolicy policy) {
    List<Writing> active = new ArrayList<>(texts.stream().map(Writing::new).toList());
    active.forEach(writing -> writing.take(1, policy));
    active.removeIf(writing -> !writing.goesOn());
    while (!active.isEmpty()) {
      step(active, policy);
      active.removeIf(writing -> !writing.goesOn());
    }
    return this;
  }

  private void step(List<Writing> active, DraftPolicy policy) {
    DraftLengths lengths = policy.next(kinds, active.size());
    List<Outcome> outcomes = active.stream().map(writing -> writing.step(lengths)).toList();
    int draftSteps =
        outcomes.stream().anyMatch(outcome -> outcome.kind() == DraftKind.EXPERT)
            ? lengths.of(DraftKind.EXPERT)
            : 0;
    StepReport counted = new StepReport(outcomes, draftSteps, 0, 0);
    int each = counted.draftedEach();
    steps.add(
        new Step(
            machine.costOfDrafting(draftSteps) + machine.costOfChecking(each),
            outcomes.stream().mapToInt(Outcome::emitted).sum(),
            counted.drafted(),
            outcomes.stream()
                .anyMatch(outcome -> outcome.kind() != null && LOOKUP.contains(outcome.kind()))));
    IntStream.range(0, active.size())
        .forEach(i -> active.get(i).take(outcomes.get(i).emitted(), policy));
    policy.learn(
        new StepReport(
            outcomes,
            draftSteps,
            machine.nanosOfDrafting(draftSteps),
            machine.nanosOfChecking(each)));
  }

  /** In plain steps. */
  double cost() {
    return costAfter(0);
  }

  int tokens() {
    return tokensAfter(0);
  }

  /** The cost of all but the first steps. */
  double costAfter(int first) {
    return steps.stream().skip(first).mapToDouble(Step::cost).sum();
  }

  /** The tokens of all but the first steps. */
  int tokensAfter(int first) {
    return steps.stream().skip(first).mapToInt(Step::tokens).sum();
  }

  int drafted() {
    return steps.stream().mapToInt(Step::drafted).sum();
  }

  /** The steps in which prompt lookup drafted. */
  int lookupRounds() {
    return (int) steps.stream().filter(Step::byLookup).count();
  }
}
