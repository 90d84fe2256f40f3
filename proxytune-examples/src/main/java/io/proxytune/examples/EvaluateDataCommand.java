package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.measure.Comparison;
import io.proxytune.examples.measure.ComparisonReport;
import io.proxytune.examples.measure.MeasuredSystem;
import io.proxytune.examples.measure.SystemScores;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures any models on questions of the user's own. */
@Command(
    name = "evaluate",
    description =
        "Scores the base, each expert alone and the base as they steer it on questions of one's"
            + " own, with intervals and differences on the same questions.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class EvaluateDataCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final MeasureOptions measure = new MeasureOptions();

  @Option(
      names = "--direct",
      paramLabel = "MODEL",
      description = "The base tuned directly, to compare with.")
  private @Nullable String direct;

  @Spec private @Nullable CommandSpec spec;

  EvaluateDataCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    measure.check();
    MeasureRecord record = measure.record(app, requireNonNull(spec));
    int systems = 2 + (direct == null ? 0 : 1) + measure.models().pairs().size();
    if (direct != null) {
      record.add("direct", direct);
    }
    return measure.run(
        app,
        record,
        "evaluate",
        file -> (long) systems * file.questions().size(),
        ready -> compare(ready, record));
  }

  private void compare(MeasureOptions.Ready ready, MeasureRecord record) {
    List<Supplier<MeasuredSystem>> systems = new ArrayList<>(ready.systems().all());
    if (direct != null) {
      systems.add(() -> ready.systems().direct(requireNonNull(direct)));
    }
    List<SystemScores> scores = new ArrayList<>();
    for (Supplier<MeasuredSystem> each : systems) {
      try (MeasuredSystem system = each.get()) {
        scores.add(ready.interview().of(system, ready.questions()));
      }
    }
    Comparison comparison = new Comparison(ready.questions(), scores, record.json());
    measure.results().write(app.terminal(), ComparisonReport.of(comparison), comparison.json());
  }
}
