package io.proxytune.examples.experiments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.evaluation.FamilyOptions;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.evaluation.Systems;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.ResultOptions;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Each model alone, and what the offset prefers. */
@Command(
    name = "offset",
    description = "Each model alone on the same prompts, and which tokens the offset moves most.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class OffsetCommand implements Callable<Integer> {
  private static final String READING =
      """
      How to read it: the offset is expert minus anti-expert, less its mean over the vocabulary,
      since adding the same to every logit changes nothing. A base log-probability near 0 means that
      the base would have said the token itself. What tuning taught shows where a raised token is
      unlikely to the base: the start of an answer in the trained form, a refusal, and after the
      answer the end token. Where the facts are, a good offset moves little that the base is sure
      of: the base's knowledge decides.
      """;

  private final CommandContext context;

  @Mixin private final FamilyOptions families = new FamilyOptions();

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "A user's message; repeat for more. One of each task if not given.")
  private List<String> prompts = new ArrayList<>();

  @Option(names = "--top", paramLabel = "N", description = "So many tokens each way: 5.")
  private int top = 5;

  @Mixin private final ResultOptions results = new ResultOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  OffsetCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Usage.check(top >= 1, "--top must be >= 1, got %s", top);
    Usage.check(prompts.stream().noneMatch(String::isBlank), "--prompt must not be blank");
    results.check();
    FamilyFolder family = families.family();
    List<String> asked = prompts.isEmpty() ? onePromptATask(family) : prompts;
    try (Systems systems = families.open(context, family, results.quiet())) {
      OffsetExperiment experiment = new OffsetExperiment(systems, top);
      List<OffsetExperiment.Result> all = asked.stream().map(experiment::run).toList();
      results.write(context.terminal(), report(all), json(all), families.record(family));
    }
    return 0;
  }

  private static List<String> onePromptATask(FamilyFolder family) {
    return ItemSet.read("dev", family.data("dev")).limit(1).items().stream()
        .map(Item::prompt)
        .toList();
  }

  private static Report report(List<OffsetExperiment.Result> all) {
    Report report = new Report("Each model alone, and what the offset prefers");
    report.paragraph(READING);
    for (OffsetExperiment.Result one : all) {
      report.heading(one.prompt());
      one.texts().forEach((name, text) -> report.paragraph(name + ": " + text));
      one.places().forEach(place -> report.table(table(place)));
    }
    return report;
  }

  private static Table table(OffsetExperiment.Place place) {
    Table table =
        new Table(
            "Offset at: " + place.name() + " (log-probability under the base in brackets)",
            List.of("raised most", "lowered most"));
    for (int i = 0; i < place.raised().size(); i++) {
      table.row(cell(place.raised().get(i)), cell(place.lowered().get(i)));
    }
    return table;
  }

  private static String cell(OffsetExperiment.Moved moved) {
    return OffsetExperiment.spelled(moved) + " (" + Figures.number(moved.base(), 1) + ")";
  }

  private static ObjectNode json(List<OffsetExperiment.Result> all) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("experiment", "offset");
    ArrayNode prompts = json.putArray("prompts");
    for (OffsetExperiment.Result one : all) {
      ObjectNode prompt = prompts.addObject().put("prompt", one.prompt());
      ObjectNode texts = prompt.putObject("texts");
      one.texts().forEach(texts::put);
      ArrayNode places = prompt.putArray("places");
      for (OffsetExperiment.Place place : one.places()) {
        ObjectNode node = places.addObject().put("place", place.name());
        put(node.putArray("raised"), place.raised());
        put(node.putArray("lowered"), place.lowered());
      }
    }
    return json;
  }

  private static void put(ArrayNode json, List<OffsetExperiment.Moved> tokens) {
    for (OffsetExperiment.Moved moved : tokens) {
      json.addObject()
          .put("token", moved.token())
          .put("offset", moved.shift())
          .put("base_logprob", moved.base());
    }
  }
}
