package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import io.proxytune.Fusion;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.measure.MeasuredSystem;
import io.proxytune.examples.measure.SweepTable;
import io.proxytune.examples.measure.SweepTableReport;
import io.proxytune.examples.search.AlphaValues;
import io.proxytune.examples.search.Strengths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Steers any models at several strengths, on questions of the user's own. */
@Command(
    name = "sweep",
    description = "Scores the steered base at several strengths on questions of one's own.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class SweepDataCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final MeasureOptions measure = new MeasureOptions();

  @Option(
      names = "--alphas",
      paramLabel = "A",
      description =
          "The strengths: 0,0.5,1 or FROM:TO:STEP. Once for all pairs, or once for each; all"
              + " combinations are tried. 0:2:0.25 if not given, 0:1.5:0.5 for several pairs.")
  private List<String> alphas = new ArrayList<>();

  @Option(
      names = "--presets",
      split = ",",
      paramLabel = "NAME",
      converter = FusionPreset.Converter.class,
      description =
          "Ways to fuse pairs, each at all strengths: proxy-tuning, dexperts,"
              + " emulated-fine-tuning; that of --preset if not given.")
  private List<FusionPreset> presets = new ArrayList<>();

  @Spec private @Nullable CommandSpec spec;

  SweepDataCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    measure.check();
    int pairs = measure.models().pairs().size();
    Usage.check(pairs > 0, "a sweep varies \u03b1: add --expert MODEL and --anti-expert MODEL");
    Usage.check(
        measure.models().profile().isEmpty(), "--steering fixes what a sweep varies: leave it out");
    presets.forEach(FusionPreset::checkOfPairs);
    List<Strengths> grid = grid(alphas, pairs);
    List<FusionPreset> ways = presets.isEmpty() ? List.of(measure.fusion().preset()) : presets;
    MeasureRecord record = measure.record(app, requireNonNull(spec));
    return measure.run(
        app,
        record,
        "sweep",
        file -> (long) grid.size() * ways.size() * file.questions().size(),
        ready -> sweep(ready, ways, grid, record));
  }

  /** The strengths that options ask for. */
  static List<Strengths> grid(List<String> typed, int pairs) {
    List<String> given = typed.isEmpty() ? List.of(pairs == 1 ? "0:2:0.25" : "0:1.5:0.5") : typed;
    List<List<Double>> values =
        given.stream().map(each -> AlphaValues.parse("--alphas", each)).toList();
    return AlphaValues.grid("--alphas", values, pairs);
  }

  private void sweep(
      MeasureOptions.Ready ready,
      List<FusionPreset> ways,
      List<Strengths> grid,
      MeasureRecord record) {
    List<SweepTable.Point> points = new ArrayList<>();
    for (FusionPreset way : ways) {
      Fusion fusion = ready.session().fusion(way);
      for (Strengths strengths : grid) {
        try (MeasuredSystem system = ready.systems().at(way, strengths, fusion)) {
          points.add(
              new SweepTable.Point(
                  way.word(), strengths, ready.interview().of(system, ready.questions())));
        }
      }
    }
    SweepTable table = new SweepTable(ready.questions(), points, record.json());
    measure.results().write(app.terminal(), SweepTableReport.of(table), table.json());
  }
}
