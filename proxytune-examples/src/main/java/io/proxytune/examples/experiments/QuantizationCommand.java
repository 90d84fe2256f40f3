package io.proxytune.examples.experiments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Tokenizer;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.hub.HubCache;
import io.proxytune.core.hub.HubName;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.LoadedModels;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.TextFiles;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.evaluation.FamilyOptions;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.ResultOptions;
import io.proxytune.examples.report.Table;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What rounding weights to few bits costs on text, and what it gains. */
@Command(
    name = "quantization",
    description = "Perplexity, memory and speed of a model in each format of its weights.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class QuantizationCommand implements Callable<Integer> {
  private static final double MIB = 1 << 20;

  private static final String READING =
      """
      How to read it: perplexity is how many tokens the model hesitates between, on the average, at
      each token of the text; the change is against the first format. MiB is what the weights take
      in memory. "read" is tokens a second where a window is read at once, as a prompt is; "write"
      where each token is read alone, as decoding does, from the median step. Speeds of models as
      small as the family's are those of many small operations, and say little of large ones.
      """;

  private final CommandContext context;

  @Mixin private final FamilyOptions families = new FamilyOptions();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A checkpoint folder, or a name on the Hub; the family's base if not given.")
  private @Nullable String model;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "A text file; the questions and answers of the family's test set if not given.")
  private @Nullable Path text;

  @Option(
      names = "--formats",
      split = ",",
      paramLabel = "FORMAT",
      description = "Formats as --quantize takes them: none, int8 and int4 in each group.")
  private List<String> formats = List.of("none", "int8", "int4:32", "int4:64", "int4:128");

  @Option(
      names = "--window",
      paramLabel = "TOKENS",
      description = "So many tokens are read together at most: 128 if not given.")
  private int window = 128;

  @Mixin private final ResultOptions results = new ResultOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  QuantizationCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Usage.check(window >= 2, "--window must be >= 2, got %s", window);
    List<Quantization> quantizations = formats.stream().map(Quantization::parse).toList();
    results.check();
    families.setThreads(context);
    Path folder = model == null ? families.family().base() : context.engine().folder(model);
    List<String> texts = texts();
    List<RoundedModel> measured = new ArrayList<>();
    for (Quantization quantization : quantizations) {
      measured.add(measured(folder, texts, quantization));
    }
    results.write(
        context.terminal(),
        report(folder, measured),
        json(folder, measured),
        families.record(model == null ? "base" : model, folder));
    return 0;
  }

  private List<String> texts() {
    if (text != null) {
      return List.of(TextFiles.read("--text", text, context.terminal().in()));
    }
    ItemSet test = ItemSet.read("test", families.family().data("test"));
    return test.items().stream().map(QuantizationCommand::text).toList();
  }

  private static String text(Item item) {
    return item.prompt() + " " + item.answer().strip();
  }

  private RoundedModel measured(Path folder, List<String> texts, Quantization quantization) {
    LoadOptions options = LoadOptions.defaults().withQuantization(quantization);
    long bytes = context.engine().weightBytes(folder, quantization);
    try (LoadedModels models = new LoadedModels(context, results.quiet())) {
      LogitModel source = models.get(folder, options);
      List<int[]> windows = windows(source, texts);
      try (WorkBar bar =
          new WorkBar(context, results.quiet(), quantization.toString(), windows.size())) {
        return new QuantizationExperiment(windows, bar).measure(source, quantization, bytes);
      }
    }
  }

  private List<int[]> windows(LogitModel source, List<String> texts) {
    Tokenizer tokenizer =
        source
            .tokenizer()
            .orElseThrow(
                () -> new IllegalArgumentException(source.name() + " has no tokenizer.json"));
    int length = Math.min(window, source.contextLength());
    List<int[]> windows =
        texts.stream()
            .map(each -> tokenizer.encode(each, true))
            .flatMap(ids -> QuantizationExperiment.cut(ids, length).stream())
            .toList();
    Usage.check(!windows.isEmpty(), "the text has fewer than 2 tokens: nothing to predict");
    return windows;
  }

  private static Report report(Path folder, List<RoundedModel> measured) {
    RoundedModel first = measured.get(0);
    Table table =
        new Table(
            String.format(Locale.ROOT, "%s, %,d tokens predicted", name(folder), first.tokens()),
            List.of("format", "perplexity", "change", "MiB", "read", "write"));
    for (RoundedModel one : measured) {
      table.row(
          one.quantization().toString(),
          Figures.number(one.perplexity(), 4),
          String.format(Locale.ROOT, "%+.2f %%", 100 * one.above(first)),
          Figures.number(one.bytes() / MIB, 1),
          Figures.number(one.readPerSecond(), 0),
          Figures.number(one.writePerSecond(), 0));
    }
    return new Report("Quantized weights").paragraph(READING).table(table);
  }

  private static String name(Path folder) {
    return HubCache.nameOf(folder).map(HubName::model).orElse(String.valueOf(folder.getFileName()));
  }

  private static ObjectNode json(Path folder, List<RoundedModel> measured) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("experiment", "quantization");
    json.put("model", name(folder));
    ArrayNode formats = json.putArray("formats");
    for (RoundedModel one : measured) {
      formats
          .addObject()
          .put("quantization", one.quantization().toString())
          .put("tokens", one.tokens())
          .put("loss", one.loss())
          .put("perplexity", one.perplexity())
          .put("change", one.above(measured.get(0)))
          .put("bytes", one.bytes())
          .put("read_tokens_per_second", one.readPerSecond())
          .put("write_tokens_per_second", one.writePerSecond());
    }
    return json;
  }
}
