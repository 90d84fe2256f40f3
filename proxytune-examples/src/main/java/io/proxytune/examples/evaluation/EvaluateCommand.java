package io.proxytune.examples.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.report.ResultOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures every system on every task. */
@Command(
    name = "evaluate",
    description = {
      "Measures the family on a set of questions: exact match, gap closed, refusals.",
      "On the paper's benchmarks: evaluate --task NAME --help"
    },
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false,
    footer = {
      "",
      "On any models and questions of your own: evaluate --data FILE --base MODEL ...",
      "All its options: evaluate --data FILE --help"
    })
public final class EvaluateCommand implements Callable<Integer> {
  private final CommandContext context;

  @Mixin private final FamilyOptions families = new FamilyOptions();

  @Option(
      names = "--set",
      paramLabel = "NAME",
      description = "test (if not given) or dev, on which settings are chosen.")
  private String set = "test";

  @Option(
      names = "--alpha",
      paramLabel = "A",
      description = "How strongly the expert pair steers: 1 if not given.")
  private double alpha = 1;

  @Mixin private final SetOptions items = new SetOptions();
  @Mixin private final ResultOptions results = new ResultOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  public EvaluateCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Usage.check(set.equals("test") || set.equals("dev"), "--set must be test or dev, got %s", set);
    Usage.check(Double.isFinite(alpha), "--alpha must be a finite number, got %s", alpha);
    results.check();
    FamilyFolder family = families.family();
    ItemSet chosen = items.read(family, set);
    try (Systems systems = families.open(context, family, results.quiet())) {
      run(systems, chosen, family);
    }
    return 0;
  }

  private void run(Systems systems, ItemSet chosen, FamilyFolder family) {
    List<SystemResult> marks = new ArrayList<>();
    long steps = (long) systems.available().size() * chosen.items().size();
    ArrayNode items;
    try (WorkBar bar = new WorkBar(context, results.quiet(), "evaluate", steps)) {
      Evaluation evaluation = new Evaluation(chosen, bar);
      for (SystemId id : systems.available()) {
        try (Answerer answerer = systems.answerer(id, alpha)) {
          marks.add(evaluation.of(answerer));
        }
      }
      items = evaluation.items();
    }
    EvaluationResult result = new EvaluationResult(chosen.name(), alpha, marks);
    ObjectNode json = EvaluationJson.of(result);
    json.set("items", items);
    results.write(context.terminal(), EvaluationReport.of(result), json, families.record(family));
  }
}
