package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.ResultOptions;
import io.proxytune.examples.report.RunRecord;
import io.proxytune.examples.runtime.RuntimeReport;
import io.proxytune.examples.runtime.RuntimeResult;
import io.proxytune.examples.runtime.RuntimeSetting;
import io.proxytune.examples.runtime.RuntimeSystem;
import io.proxytune.examples.runtime.RuntimeTrials;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times steering as the paper does. */
@Command(
    name = "runtime",
    description =
        "Times base, directly tuned and proxy-tuned texts in turns, as Table 12 of the paper does.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class RuntimeCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final ModelOptions models = new ModelOptions();

  @Option(
      names = "--direct",
      paramLabel = "MODEL",
      description =
          "The base tuned directly, which the others are compared with; the base if not given."
              + " Loaded as the base is.")
  private @Nullable String direct;

  @Option(
      names = "--setting",
      split = ",",
      paramLabel = "PROMPT:NEW",
      description =
          "Tokens of the prompt and new ones; 8:512 and 512:8 if not given. May be repeated.")
  private List<String> settings = List.of("8:512", "512:8");

  @Option(
      names = "--trials",
      paramLabel = "COUNT",
      description = "How often each system is timed: 10 if not given; the paper did it 100 times.")
  private int trials = 10;

  @Mixin private final ResultOptions results = new ResultOptions();

  @Spec private @Nullable CommandSpec spec;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  RuntimeCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    Usage.check(trials >= 1, "--trials must be >= 1, got %s", trials);
    List<RuntimeSetting> asked = settings.stream().map(RuntimeSetting::parse).toList();
    models.check();
    Usage.check(
        !models.pairs().isEmpty(),
        "runtime times steering, and nothing steers: add --expert MODEL and --anti-expert MODEL");
    results.check();
    try (TunerSession session = TunerSession.open(app, models, results.quiet())) {
      LogitSource tuned = direct == null ? null : session.load(direct);
      checkRoom(session, tuned, asked);
      run(session, tuned, asked);
    }
    return 0;
  }

  private static void checkRoom(
      TunerSession session, @Nullable LogitSource tuned, List<RuntimeSetting> settings) {
    List<LogitSource> all = new ArrayList<>(List.of(session.base()));
    session.pairs().forEach(pair -> all.addAll(List.of(pair.expert(), pair.antiExpert())));
    Stream.ofNullable(tuned).forEach(all::add);
    for (LogitSource model : all) {
      for (RuntimeSetting setting : settings) {
        Usage.check(
            setting.tokens() <= model.contextLength(),
            "--setting %s takes %s tokens, and the context of %s has %s: give --setting PROMPT:NEW"
                + " with fewer",
            setting,
            setting.tokens(),
            model.name(),
            model.contextLength());
      }
    }
  }

  private void run(TunerSession session, @Nullable LogitSource tuned, List<RuntimeSetting> asked) {
    try (ProxyTuner base = tuner(session.base(), List.of());
        ProxyTuner proxy = tuner(session.base(), session.pairs());
        ProxyTuner directly = tuner(tuned == null ? session.base() : tuned, List.of())) {
      List<RuntimeSystem> systems = new ArrayList<>();
      systems.add(new RuntimeSystem("base", "base", base, Speculation.off()));
      if (tuned != null) {
        systems.add(new RuntimeSystem("directly tuned", "direct", directly, Speculation.off()));
      }
      systems.add(new RuntimeSystem("proxy-tuned", "proxy", proxy, Speculation.off()));
      systems.add(
          new RuntimeSystem(
              "proxy-tuned, speculative", "proxy_speculative", proxy, Speculation.auto()));
      report(session, tuned, timed(systems, base, asked));
    }
  }

  private ProxyTuner tuner(LogitSource base, List<ExpertPair> pairs) {
    return app.engine().tunerWithoutPrefixCache(base, pairs, models.prefillChunk());
  }

  private List<RuntimeResult> timed(
      List<RuntimeSystem> systems, ProxyTuner base, List<RuntimeSetting> asked) {
    long texts = (long) asked.size() * systems.size() * (trials + 1);
    List<RuntimeResult> timed = new ArrayList<>();
    try (WorkBar bar = new WorkBar(app, results.quiet(), "texts", texts)) {
      for (RuntimeSetting setting : asked) {
        bar.about(setting.toString());
        RuntimeTrials run = new RuntimeTrials(systems, base.tokenizer(), setting);
        timed.add(new RuntimeResult(setting, systems, run.run(trials, () -> bar.step(1))));
      }
    }
    return timed;
  }

  private void report(
      TunerSession session, @Nullable LogitSource tuned, List<RuntimeResult> timed) {
    String tokens = settings.stream().collect(Collectors.joining(", "));
    RunRecord run =
        RunRecord.now(
            requireNonNull(spec).root().commandLine().getParseResult().originalArgs(),
            "greedy, settings " + tokens + ", " + trials + " trials");
    session.addTo(run, models, app.engine());
    if (tuned != null) {
      run.addModel(
          "direct", 0, tuned.name(), Optional.of(app.engine().folder(requireNonNull(direct))));
    }
    RuntimeReport made = new RuntimeReport(timed, tuned == null ? 0 : 1);
    Report report = made.report();
    run.addTo(report);
    ObjectNode json = run.json();
    json.setAll(made.json());
    results.write(app.terminal(), report, json);
  }
}
