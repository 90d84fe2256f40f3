package io.proxytune.examples.experiments;

import io.proxytune.LogitSource;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.LoadedModels;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.evaluation.FamilyOptions;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.report.ResultOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** An expert pair made of a known offset, from weak to absurd. */
@Command(
    name = "synthetic",
    description = "Steers the base by a known offset of growing strength until the text breaks.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class SyntheticCommand implements Callable<Integer> {
  private static final int PROMPTS = 8;

  private final CommandContext context;

  @Mixin private final FamilyOptions families = new FamilyOptions();

  @Option(
      names = "--word",
      paramLabel = "TEXT",
      description = "The word to raise; one of an answer if not given.")
  private @Nullable String word;

  @Option(
      names = "--strengths",
      split = ",",
      paramLabel = "A",
      description = "The strengths, separated by commas, the first without steering.")
  private List<Double> strengths = List.of(0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0);

  @Option(names = "--seed", paramLabel = "SEED", description = "Of the noise: 1 if not given.")
  private long seed = 1;

  @Option(names = "--max-new-tokens", paramLabel = "N", description = "Of each text: 24.")
  private int maxNewTokens = 24;

  @Mixin private final ResultOptions results = new ResultOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  SyntheticCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    strengths.forEach(
        it -> Usage.check(Double.isFinite(it), "--strengths must be finite, got %s", it));
    Usage.check(maxNewTokens >= 1, "--max-new-tokens must be >= 1, got %s", maxNewTokens);
    Usage.check(word == null || !word.isBlank(), "--word must not be blank");
    results.check();
    FamilyFolder family = families.family();
    List<Item> items =
        ItemSet.read("dev", family.data("dev")).limit(PROMPTS).items().stream()
            .filter(item -> item.task().isKnowledge())
            .toList();
    Usage.check(!items.isEmpty(), "%s holds no question or profile", family.data("dev"));
    families.setThreads(context);
    try (LoadedModels models = new LoadedModels(context, results.quiet())) {
      LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
      SyntheticReport report = run(models.get(family.base(), options), items);
      results.write(
          context.terminal(),
          report.withSamples(report.report()),
          report.json(),
          families.record(family));
    }
    return 0;
  }

  private SyntheticReport run(LogitSource base, List<Item> items) {
    String raised = word == null ? lastWord(items.get(0).answer()) : word;
    SyntheticExperiment experiment = new SyntheticExperiment(context.engine(), base, maxNewTokens);
    float[] raising = experiment.raising(raised);
    float[] noise = experiment.noise(seed);
    List<SyntheticExperiment.Point> raisingPoints = new ArrayList<>();
    List<SyntheticExperiment.Point> noisePoints = new ArrayList<>();
    List<String> prompts = items.stream().map(Item::prompt).toList();
    try (WorkBar bar = new WorkBar(context, results.quiet(), "synthetic", strengths.size())) {
      for (double strength : strengths) {
        raisingPoints.add(experiment.at(strength, raising, prompts));
        noisePoints.add(experiment.at(strength, noise, prompts));
        bar.step(1);
      }
    }
    return new SyntheticReport(raised, seed, raisingPoints, noisePoints);
  }

  private static String lastWord(String text) {
    String[] words = text.replaceAll("\\p{Punct}", " ").strip().split("\\s+", -1);
    return words[words.length - 1];
  }
}
