package io.proxytune.core.fit;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;

import io.proxytune.Role;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the three models of a report that are best used together. */
final class TrioChooser {
  /** What tuned models are called where the files do not tell. */
  private static final Pattern TUNED =
      Pattern.compile("(?i).*\\b(instruct|chat|it|sft|dpo|rlhf|tuned|assistant)\\b.*");

  private final Comparison models;

  TrioChooser(Comparison models) {
    this.models = models;
  }

  /** A pair in its order. */
  private record Pair(int expert, int antiExpert, boolean certain) {
    boolean has(int index) {
      return index == expert || index == antiExpert;
    }
  }

  Optional<FitTrio> choose() {
    return pairs()
        .sorted(comparing(Pair::certain).reversed().thenComparing(bySize()))
        .flatMap(pair -> base(pair).map(base -> trio(base, pair)).stream())
        .findFirst();
  }

  /** The smaller the pair, the less it costs. */
  private Comparator<Pair> bySize() {
    return comparingLong(pair -> models.facts(pair.antiExpert).parameters());
  }

  /** An adapter and its model, or two models of one shape. */
  private Stream<Pair> pairs() {
    return models
        .useful()
        .boxed()
        .flatMap(i -> models.useful().boxed().flatMap(j -> pair(i, j).stream()));
  }

  private Optional<Pair> pair(int first, int second) {
    FitModel one = models.model(first);
    if (one.adapter()) {
      return one.host().equals(OptionalInt.of(second))
          ? Optional.of(new Pair(first, second, true))
          : Optional.empty();
    }
    boolean alike =
        first < second
            && !models.model(second).adapter()
            && models.facts(first).architecture().equals(models.facts(second).architecture())
            && models.facts(first).shape().equals(models.facts(second).shape())
            && models.fit(first, second);
    return alike ? Optional.of(ordered(first, second)) : Optional.empty();
  }

  private Pair ordered(int first, int second) {
    int difference = tuned(first) - tuned(second);
    return difference >= 0
        ? new Pair(first, second, difference != 0)
        : new Pair(second, first, true);
  }

  /** How much speaks for it that a model is tuned: its name more than a template. */
  private int tuned(int index) {
    return (TUNED.matcher(models.model(index).name()).matches() ? 2 : 0)
        + (models.facts(index).chatTemplate() ? 1 : 0);
  }

  private Optional<Integer> base(Pair pair) {
    return models
        .useful()
        .filter(i -> !pair.has(i) && models.model(i).roles().contains(Role.BASE))
        .filter(i -> models.fit(i, pair.expert) && models.fit(i, pair.antiExpert))
        .boxed()
        .max(
            comparingLong((Integer i) -> models.facts(i).parameters())
                .thenComparing(i -> -tuned(i))
                .thenComparing(i -> -i));
  }

  private FitTrio trio(int base, Pair pair) {
    List<ModelFacts> facts =
        Stream.of(base, pair.expert, pair.antiExpert).map(models::facts).toList();
    Map<String, Long> memory = new LinkedHashMap<>();
    facts.forEach(each -> each.memory().forEach((format, b) -> memory.merge(format, b, Long::sum)));
    return new FitTrio(
        base,
        pair.expert,
        pair.antiExpert,
        pair.certain,
        facts.stream().mapToInt(ModelFacts::contextLength).min().orElseThrow(),
        memory,
        facts.stream().mapToLong(ModelFacts::cacheBytesPerToken).sum());
  }
}
