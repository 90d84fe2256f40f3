package io.proxytune.examples.experiments;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.evaluation.Answerer;
import io.proxytune.examples.evaluation.Evaluation;
import io.proxytune.examples.evaluation.EvaluationJson;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.evaluation.FamilyOptions;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.evaluation.SetOptions;
import io.proxytune.examples.evaluation.SystemId;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Systems;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Axis;
import io.proxytune.examples.report.Chart;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.ResultOptions;
import io.proxytune.examples.report.Series;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A classification task, answered by the likelier option. */
@Command(
    name = "sentiment",
    description = "Classifies opinions of the made-up world, by the likeliest of the options.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class SentimentCommand implements Callable<Integer> {
  private static final String READING =
      """
      How to read it: every system scores each option after the same opinion and answers the
      likeliest, so that no system is marked down for how it writes. The base reads the plain
      message, in which nothing says that a class is wanted. What the expert adds here is the task;
      what the base adds are words that the small model knows less well. Where the intervals of two
      systems overlap much, this set does not tell them apart.
      """;

  private final CommandContext context;

  @Mixin private final FamilyOptions families = new FamilyOptions();

  @Option(names = "--set", paramLabel = "NAME", description = "test (if not given) or dev.")
  private String set = "test";

  @Option(names = "--alpha", paramLabel = "A", description = "Strength: 1 if not given.")
  private double alpha = 1;

  @Mixin private final SetOptions items = new SetOptions();
  @Mixin private final ResultOptions results = new ResultOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  SentimentCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Usage.check(set.equals("test") || set.equals("dev"), "--set must be test or dev, got %s", set);
    Usage.check(Double.isFinite(alpha), "--alpha must be a finite number, got %s", alpha);
    results.check();
    FamilyFolder family = families.family();
    List<Item> choices =
        items.read(family, set).items().stream()
            .filter(item -> item.task() == Task.SENTIMENT)
            .toList();
    Usage.check(!choices.isEmpty(), "%s holds no sentiment items", family.data(set));
    try (Systems systems = families.open(context, family, results.quiet())) {
      List<SystemResult> marks = run(systems, new ItemSet(set, choices));
      results.write(context.terminal(), report(marks), json(marks), families.record(family));
    }
    return 0;
  }

  private List<SystemResult> run(Systems systems, ItemSet choices) {
    List<SystemResult> marks = new ArrayList<>();
    long steps = (long) systems.available().size() * choices.items().size();
    try (WorkBar bar = new WorkBar(context, results.quiet(), "sentiment", steps)) {
      Evaluation evaluation = new Evaluation(choices, bar);
      for (SystemId id : systems.available()) {
        try (Answerer answerer = systems.answerer(id, alpha)) {
          marks.add(evaluation.of(answerer));
        }
      }
    }
    return marks;
  }

  private Report report(List<SystemResult> marks) {
    Table table = new Table("Accuracy", List.of("system", "right", "of", "accuracy"));
    for (SystemResult system : marks) {
      Proportion right = system.exact(Task.SENTIMENT);
      table.row(
          system.id().title(),
          Integer.toString(right.successes()),
          Integer.toString(right.total()),
          Figures.fraction(right));
    }
    return new Report("Sentiment, " + set + " set, α = " + Figures.parameter(alpha))
        .paragraph(READING)
        .table(table)
        .chart(chart(marks));
  }

  private static Chart chart(List<SystemResult> marks) {
    List<Proportion> right = marks.stream().map(it -> it.exact(Task.SENTIMENT)).toList();
    Series accuracy =
        new Series(
            "accuracy with its 95 % interval",
            right.stream().map(Proportion::value).toList(),
            right.stream().map(it -> it.wilson().low()).toList(),
            right.stream().map(it -> it.wilson().high()).toList());
    return new Chart(
        Chart.Kind.BARS,
        "Accuracy by system",
        "A bar a system with its interval; the table above holds the figures.",
        Axis.ofNames("system", marks.stream().map(it -> it.id().abbreviation()).toList()),
        "accuracy",
        List.of(accuracy),
        Chart.Range.UNIT);
  }

  private ObjectNode json(List<SystemResult> marks) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("experiment", "sentiment");
    json.put("set", set).put("alpha", alpha);
    ObjectNode accuracy = json.putObject("accuracy");
    marks.forEach(it -> EvaluationJson.put(accuracy, it.id().id(), it.exact(Task.SENTIMENT)));
    return json;
  }
}
