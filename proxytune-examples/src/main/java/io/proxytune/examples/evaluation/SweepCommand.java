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
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the proxy-tuned base at several strengths. */
@Command(
    name = "sweep",
    description = "Varies the strength of steering and shows what it trades for what.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false,
    footer = {
      "",
      "On any models and questions of your own: sweep --data FILE --base MODEL ...",
      "All its options: sweep --data FILE --help"
    })
public final class SweepCommand implements Callable<Integer> {
  private static final double STEP = 0.25;
  private static final double LAST = 2.5;

  private final CommandContext context;

  @Mixin private final FamilyOptions families = new FamilyOptions();

  @Option(
      names = "--alphas",
      split = ",",
      paramLabel = "A",
      description = "The strengths, separated by commas: 0 to 2.5 by 0.25 if not given.")
  private List<Double> alphas = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "NAME",
      description = "dev (if not given), on which settings are chosen, or test.")
  private String set = "dev";

  @Mixin private final SetOptions items = new SetOptions();
  @Mixin private final ResultOptions results = new ResultOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  public SweepCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Usage.check(set.equals("test") || set.equals("dev"), "--set must be dev or test, got %s", set);
    alphas.forEach(
        alpha ->
            Usage.check(Double.isFinite(alpha), "--alphas must be finite numbers, got %s", alpha));
    results.check();
    FamilyFolder family = families.family();
    ItemSet chosen = items.read(family, set);
    try (Systems systems = families.open(context, family, results.quiet())) {
      run(systems, chosen, family);
    }
    return 0;
  }

  private List<Double> strengths() {
    return alphas.isEmpty()
        ? DoubleStream.iterate(0, alpha -> alpha <= LAST, alpha -> alpha + STEP).boxed().toList()
        : alphas.stream().sorted().distinct().toList();
  }

  private void run(Systems systems, ItemSet chosen, FamilyFolder family) {
    List<SweepPoint> points = new ArrayList<>();
    long steps = (long) strengths().size() * chosen.items().size();
    ArrayNode items;
    try (WorkBar bar = new WorkBar(context, results.quiet(), "sweep", steps)) {
      Evaluation evaluation = new Evaluation(chosen, bar);
      for (double alpha : strengths()) {
        try (Answerer answerer = systems.answerer(SystemId.PROXY, alpha)) {
          points.add(new SweepPoint(alpha, evaluation.of(answerer, "" + alpha)));
        }
      }
      items = evaluation.items();
    }
    SweepResult result = new SweepResult(chosen.name(), points);
    ObjectNode json = SweepReport.json(result);
    json.set("items", items);
    results.write(context.terminal(), SweepReport.of(result), json, families.record(family));
  }
}
