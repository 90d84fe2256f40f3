package io.proxytune.examples;

import static java.util.stream.Collectors.joining;

import io.proxytune.Role;
import io.proxytune.core.fit.FitModel;
import io.proxytune.core.fit.FitReport;
import io.proxytune.core.fit.FitTrio;
import io.proxytune.core.fit.ModelFacts;
import io.proxytune.core.vocabulary.VocabularyRelation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Which models fit together, in lines for people. */
final class FitText {
  private static final List<String> HEADER =
      List.of(
          "", "model", "weights", "context", "tokens", "logits", "chat", "vocabulary", "can be");

  /** The columns of numbers, which stand to the right. */
  private static final Set<Integer> RIGHT = Set.of(2, 3, 4, 5);

  private final FitReport report;
  private final List<String> named;
  private final int reference;

  /**
   * Prepares the lines.
   *
   * @param named how the user named the models
   */
  FitText(FitReport report, List<String> named) {
    this.report = report;
    this.named = named;
    this.reference = reference(report);
  }

  /** The model that the others' vocabularies are compared with. */
  static int reference(FitReport report) {
    return report
        .trio()
        .map(FitTrio::base)
        .orElseGet(
            () ->
                IntStream.range(0, report.models().size())
                    .filter(i -> report.models().get(i).facts().isPresent())
                    .findFirst()
                    .orElse(0));
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(table());
    lines.add("");
    report.trio().ifPresent(trio -> addTrio(trio, lines));
    if (!report.advice().isEmpty()) {
      lines.add("to note");
      report.advice().forEach(line -> lines.add("  - " + line));
    } else {
      lines.add("nothing to change");
    }
    return lines;
  }

  private List<String> table() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADER);
    IntStream.range(0, report.models().size()).forEach(i -> rows.add(row(i)));
    return AlignedRows.lines(rows, RIGHT);
  }

  private List<String> row(int index) {
    FitModel model = report.models().get(index);
    String letter = FitModel.letter(index);
    return model
        .facts()
        .map(facts -> row(letter, model, facts, index))
        .orElseGet(
            () -> List.of(letter, model.name(), "", "", "", "", "", "", "nothing, see below"));
  }

  private List<String> row(String letter, FitModel model, ModelFacts facts, int index) {
    String host = model.host().stream().mapToObj(FitModel::letter).collect(joining());
    return List.of(
        letter,
        model.name() + (host.isEmpty() ? "" : ", adapter on " + host),
        count(facts.parameters()),
        number(facts.contextLength()),
        facts.tokens() == 0 ? "none" : number(facts.tokens()),
        number(facts.logitWidth()),
        facts.chatTemplate() ? "yes" : "no",
        vocabulary(index),
        model.roles().isEmpty() ? "nothing" : roles(model.roles()));
  }

  private static String roles(Set<Role> roles) {
    return roles.stream()
        .map(role -> role.name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .collect(joining(", "));
  }

  private String vocabulary(int index) {
    String against = FitModel.letter(reference);
    return index == reference
        ? ""
        : report.relation(reference, index).map(r -> words(r, against)).orElse("");
  }

  private static String words(VocabularyRelation relation, String against) {
    String share = percent(relation.share());
    return switch (relation.kind()) {
      case EQUAL -> "that of " + against;
      case PADDED -> "that of " + against + ", padded";
      case SUPERSET ->
          number((long) relation.otherTokens() - relation.common()) + " more than " + against;
      case SUBSET -> share + " of " + against + "'s";
      case OVERLAPPING -> share + " of " + against + "'s, and others";
      case OTHER_IDS -> share + " of " + against + "'s, at other ids";
      case DIFFERENT -> "another: " + share + " of " + against + "'s";
      case UNKNOWN -> "not known";
    };
  }

  private void addTrio(FitTrio trio, List<String> lines) {
    boolean adapter = report.models().get(trio.expert()).adapter();
    lines.add(
        line(
            "use",
            String.format(
                Locale.ROOT,
                "generate --base %s --anti-expert %s %s %s",
                named.get(trio.base()),
                named.get(trio.antiExpert()),
                adapter ? "--expert-adapter" : "--expert",
                named.get(trio.expert()))));
    lines.add(line("memory", sizes(trio.memory())));
    lines.add(line("KV cache", size(trio.cacheBytesPerToken()) + " a token"));
    lines.add(line("context", number(trio.contextLength()) + " tokens"));
    lines.add(line("text ends with", ends(trio)));
    lines.add("");
  }

  private String ends(FitTrio trio) {
    return IntStream.of(trio.base(), trio.expert())
        .mapToObj(i -> report.models().get(i).facts().orElseThrow().endOfText())
        .flatMap(ends -> ends.entrySet().stream())
        .map(end -> end.getValue() + " (" + end.getKey() + ")")
        .distinct()
        .collect(joining(", "));
  }

  private static String line(String name, String value) {
    return String.format(Locale.ROOT, "%-16s%s", name, value);
  }

  private static String sizes(Map<String, Long> bytes) {
    return bytes.entrySet().stream()
        .map(entry -> entry.getKey() + " " + size(entry.getValue()))
        .collect(joining(", "));
  }

  private static String size(long bytes) {
    List<String> units = List.of("bytes", "KiB", "MiB", "GiB", "TiB");
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < units.size() - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units.get(unit));
  }

  private static String count(long parameters) {
    List<String> units = List.of("", " k", " M", " B", " T");
    double value = parameters;
    int unit = 0;
    while (value >= 999.95 && unit < units.size() - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f%s" : "%.1f%s", value, units.get(unit));
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Rounded down, so that 100 % is all. */
  private static String percent(double share) {
    double shown = Math.floor(share * 1000) / 10;
    return String.format(Locale.ROOT, shown == 100 ? "%.0f %%" : "%.1f %%", shown);
  }
}
