package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.SteeringProfile;
import io.proxytune.core.SteeringProfiles;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.measure.ComparisonReport;
import io.proxytune.examples.measure.MeasuredSystem;
import io.proxytune.examples.measure.Question;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.search.AlphaSearch;
import io.proxytune.examples.search.AlphaValues;
import io.proxytune.examples.search.SearchReport;
import io.proxytune.examples.search.SearchResult;
import io.proxytune.examples.search.StrengthMeasure;
import io.proxytune.examples.search.Strengths;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks for the strength that scores best on questions of the user's own. */
@Command(
    name = "tune-alpha",
    description =
        "Finds how strongly to steer for a use, with few calls: successive halving on one half of"
            + " the questions, and a fair comparison on the other, which says where a gain may be"
            + " noise.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class TuneAlphaCommand implements Callable<Integer> {
  /** A strength that several pairs share is cut into quarters. */
  private static final int PARTS = 4;

  private final App app;

  @Mixin private final MeasureOptions measure = new MeasureOptions();

  @Option(
      names = "--alphas",
      paramLabel = "A",
      description =
          "The strengths to try: 0,0.5,1 or FROM:TO:STEP. Once for all pairs, or once for each; all"
              + " combinations are tried. 0:2:0.25 if not given, for one pair.")
  private List<String> alphas = new ArrayList<>();

  @Option(
      names = "--totals",
      paramLabel = "A",
      description =
          "Instead, for several pairs: the strengths that they share, in quarters; 0.5:2:0.5 if"
              + " neither is given.")
  private @Nullable String totals;

  @Option(
      names = "--calls",
      paramLabel = "N",
      description = "At most so many answers; as many as all questions take if not given.")
  private long calls = Long.MAX_VALUE;

  @Option(
      names = "--search-seed",
      paramLabel = "SEED",
      description =
          "Which questions are looked at first, and which are kept apart; 1 if not given.")
  private long seed = 1;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Write what is recommended to a file for --steering.")
  private @Nullable Path save;

  @Spec private @Nullable CommandSpec spec;

  TuneAlphaCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    measure.check();
    int pairs = measure.models().pairs().size();
    check(pairs);
    List<Strengths> candidates = candidates(pairs);
    MeasureRecord record = measure.record(app, requireNonNull(spec));
    return measure.run(
        app,
        record,
        "tune-alpha",
        file -> search(candidates, file.questions().size()).mostCalls(),
        ready -> tune(ready, candidates, record));
  }

  private void check(int pairs) {
    Usage.check(
        pairs > 0, "there is no strength to tune: add --expert MODEL and --anti-expert MODEL");
    Usage.check(
        measure.models().profile().isEmpty(),
        "--steering fixes what tune-alpha varies: leave it out");
    Usage.check(
        alphas.isEmpty() || totals == null, "--alphas and --totals exclude each other: give one");
    Usage.check(calls >= 1, "--calls must be >= 1, got %s", calls);
    if (save != null) {
      Path folder = save.toAbsolutePath().getParent();
      Usage.check(
          folder != null && Files.isDirectory(folder) && !Files.isDirectory(save),
          "--save %s can't be written: it must name a file in a folder that exists",
          save);
      Usage.check(
          measure.fusion().isPreset(),
          "--save keeps strengths and the preset of pairs alone: leave out --source, --space,"
              + " --candidates and --strength, or --save");
    }
  }

  private List<Strengths> candidates(int pairs) {
    if (!alphas.isEmpty() || (pairs == 1 && totals == null)) {
      return SweepDataCommand.grid(alphas, pairs);
    }
    List<Double> sums = AlphaValues.parse("--totals", totals == null ? "0.5:2:0.5" : totals);
    return AlphaValues.simplex(sums, pairs, PARTS);
  }

  private AlphaSearch search(List<Strengths> candidates, int items) {
    return new AlphaSearch(candidates, items, calls, seed);
  }

  private void tune(MeasureOptions.Ready ready, List<Strengths> candidates, MeasureRecord record) {
    StrengthMeasure scores =
        (strengths, items) -> {
          List<Question> questions = items.stream().map(ready.questions()::get).toList();
          try (MeasuredSystem system =
              ready.systems().at(measure.fusion().preset(), strengths, ready.session().fusion())) {
            return ready.interview().of(system, questions).scores();
          }
        };
    SearchResult result = search(candidates, ready.questions().size()).run(scores);
    ObjectNode json = record.json();
    Report report = SearchReport.of(result);
    ComparisonReport.addMade(report, json);
    json.setAll(SearchReport.json(result));
    if (save != null) {
      SteeringProfiles.write(profile(result, ready.questions().size()), save);
    }
    measure.results().write(app.terminal(), report, json);
  }

  private SteeringProfile profile(SearchResult result, int questions) {
    return new SteeringProfile(
        result.recommended().alphas(),
        SteeringProfile.Preset.of(measure.fusion().preset().word()).orElseThrow(),
        "%s questions of %s".formatted(questions, measure.dataFile()),
        LocalDate.now(ZoneOffset.UTC));
  }
}
