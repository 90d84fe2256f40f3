package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CandidateSet;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GenerationOptions;
import io.proxytune.ProxyTuner;
import io.proxytune.core.DType;
import io.proxytune.core.fit.FitReport;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.diagnosis.Diagnosis;
import io.proxytune.examples.diagnosis.DiagnosisReport;
import io.proxytune.examples.diagnosis.DiagnosisRun;
import io.proxytune.examples.diagnosis.Pairs;
import io.proxytune.examples.diagnosis.Precision;
import io.proxytune.examples.diagnosis.Sample;
import io.proxytune.examples.diagnosis.StepTimer;
import io.proxytune.examples.diagnosis.StepTimes;
import io.proxytune.examples.diagnosis.Thresholds;
import io.proxytune.examples.diagnosis.VocabularyFacts;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.ResultOptions;
import io.proxytune.examples.report.RunRecord;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks for the ways in which proxy-tuning is known to fail. */
@Command(
    name = "diagnose",
    description =
        "Looks for the ways in which proxy-tuning is known to fail, on prompts of your own:"
            + " guidance too strong, difference too small, a pair that does not fit, vocabularies"
            + " in doubt, a sequential bottleneck.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class DiagnoseCommand implements Callable<Integer> {
  /** Long enough to show what repeats. */
  private static final int NEW_TOKENS = 64;

  private final App app;

  @Mixin private final ModelOptions models = new ModelOptions();
  @Mixin private final FusionOptions fusion = new FusionOptions();

  @Option(
      names = {"--input", "--prompts"},
      required = true,
      paramLabel = "FILE",
      description = "A prompt a line, as JSON, as generate --input takes it.")
  private Path input = Path.of("");

  @Option(
      names = "--limit",
      paramLabel = "COUNT",
      description = "The first so many prompts at most; 50 if not given.")
  private int limit = 50;

  @Mixin private final PromptOptions prompts = new PromptOptions();
  @Mixin private final RequestOptions request = new RequestOptions();
  @Mixin private final ResultOptions results = new ResultOptions();

  @Spec private @Nullable CommandSpec spec;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  DiagnoseCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    Usage.check(limit >= 1, "--limit must be >= 1, got %s", limit);
    models.check();
    Usage.check(
        models.baseServer().isEmpty(),
        "diagnose compares the models' files, and --base %s is on a server: take a base that is"
            + " here",
        models.base());
    Usage.check(
        !models.pairs().isEmpty(),
        "diagnose says how steering goes, and nothing steers: add --expert MODEL and --anti-expert"
            + " MODEL");
    Usage.check(
        !fusion.hasTerms(),
        "diagnose judges pairs alone: leave out --source and presets of other models");
    prompts.checkBesideFile();
    results.check();
    GenerationOptions common =
        request.applyTo(GenerationOptions.defaults().withMaxNewTokens(NEW_TOKENS));
    List<DiagnosisRun.Request> requests = PromptLines.read(input, limit, prompts, common);
    try (TunerSession session = TunerSession.open(app, models, fusion, results.quiet());
        ProxyTuner base = app.engine().tuner(session.base(), List.of(), models.prefillChunk())) {
      report(session, base, requests, common);
    }
    return 0;
  }

  private void report(
      TunerSession session,
      ProxyTuner base,
      List<DiagnosisRun.Request> requests,
      GenerationOptions common) {
    List<Sample> samples = samples(session, base, requests);
    RunRecord run =
        RunRecord.now(
            requireNonNull(spec).root().commandLine().getParseResult().originalArgs(),
            common.toString());
    session.addTo(run, models, app.engine());
    Diagnosis diagnosis =
        Diagnosis.of(
            samples,
            new Pairs(session.pairs().stream().map(ExpertPair::alpha).toList(), precision()),
            vocabulary(session, requests),
            times(session, base, samples.get(0)),
            Thresholds.standard());
    Report report = DiagnosisReport.of(diagnosis);
    run.addTo(report);
    ObjectNode json = run.json();
    json.setAll(DiagnosisReport.json(diagnosis));
    json.set("items", items(samples, base));
    results.write(app.terminal(), report, json);
  }

  private List<Sample> samples(
      TunerSession session, ProxyTuner base, List<DiagnosisRun.Request> requests) {
    Fusion how = session.fusion();
    if (how.candidates().equals(CandidateSet.all())) {
      return samples(new DiagnosisRun(session.tuner(), base, Optional.empty()), requests);
    }
    Fusion all = how.withCandidates(CandidateSet.all());
    try (ProxyTuner open = session.tuner(session.pairs(), all)) {
      return samples(new DiagnosisRun(session.tuner(), base, Optional.of(open)), requests);
    }
  }

  private List<Sample> samples(DiagnosisRun run, List<DiagnosisRun.Request> requests) {
    try (WorkBar bar = new WorkBar(app, results.quiet(), "texts", requests.size())) {
      return run.samples(requests, bar::step);
    }
  }

  private StepTimes times(TunerSession session, ProxyTuner base, Sample first) {
    app.cancellation().throwIfRequested();
    List<StepTimer.RoleModel> roles = new ArrayList<>();
    List<String> names = roleNames();
    roles.add(new StepTimer.RoleModel(names.get(0), (LogitModel) session.base()));
    for (ExpertPair pair : session.pairs()) {
      roles.add(new StepTimer.RoleModel(names.get(roles.size()), (LogitModel) pair.expert()));
      roles.add(new StepTimer.RoleModel(names.get(roles.size()), (LogitModel) pair.antiExpert()));
    }
    int[] prompt = first.steered().promptTokenIds().stream().mapToInt(Integer::intValue).toArray();
    return new StepTimer(session.tuner(), base, roles).measure(prompt);
  }

  /** Base, and expert and anti-expert of each pair; pairs have numbers where there are several. */
  private List<String> roleNames() {
    List<String> names = new ArrayList<>(List.of("base"));
    int pairs = models.pairs().size();
    for (int i = 0; i < pairs; i++) {
      String number = pairs == 1 ? "" : " " + (i + 1);
      names.add("expert" + number);
      names.add("anti-expert" + number);
    }
    return names;
  }

  private VocabularyFacts vocabulary(TunerSession session, List<DiagnosisRun.Request> requests) {
    List<Path> folders = new ArrayList<>(List.of(app.engine().folder(models.base())));
    for (PairOptions pair : models.pairs()) {
      folders.add(app.engine().folder(pair.expert()));
      folders.add(app.engine().folder(pair.antiExpert()));
    }
    FitReport fit = app.engine().compare(folders);
    boolean plain = requests.stream().allMatch(it -> it.prompt().messages().isEmpty());
    return VocabularyFacts.of(
        fit, roleNames(), token -> session.tuner().tokenizer().id(token).isPresent(), plain);
  }

  /** Of the small models: their difference is what rounding may hide. */
  private Precision precision() {
    DType asked = models.expertLoadOptions().dtype();
    if (asked == DType.AS_STORED) {
      Path stored = app.engine().folder(models.pairs().get(0).antiExpert());
      return precision(app.engine().inspect(stored).bytesByDType());
    }
    return switch (asked) {
      case BFLOAT16 -> Precision.BFLOAT16;
      case FLOAT16 -> Precision.FLOAT16;
      case FLOAT32, AS_STORED -> Precision.FLOAT32;
    };
  }

  /** What most of the weights are stored in. */
  private static Precision precision(Map<String, Long> bytes) {
    String most =
        bytes.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse("F32");
    return switch (most) {
      case "F32", "F64" -> Precision.FLOAT32;
      case "F16" -> Precision.FLOAT16;
      default -> Precision.BFLOAT16; // also what is rounded further is computed with
    };
  }

  private static ArrayNode items(List<Sample> samples, ProxyTuner base) {
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    for (Sample sample : samples) {
      int[] prompt =
          sample.steered().promptTokenIds().stream().mapToInt(Integer::intValue).toArray();
      items
          .addObject()
          .put("prompt", base.tokenizer().decode(prompt, false))
          .put("steered", sample.steered().text())
          .put("unsteered", sample.alone().text())
          .put("tokens", sample.steered().tokenIds().size());
    }
    return items;
  }
}
