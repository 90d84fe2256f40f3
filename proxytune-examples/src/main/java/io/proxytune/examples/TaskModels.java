package io.proxytune.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CandidateSet;
import io.proxytune.Fusion;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.examples.cli.LoadedModels;
import io.proxytune.examples.report.ModelFiles;
import io.proxytune.examples.tasks.Ask;
import io.proxytune.examples.tasks.Decoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The systems that a benchmark compares, made of the models that are named. For one thread. */
final class TaskModels {
  private static final String BASE = "base";
  private static final String STEERED = "steered";
  private static final String DIRECT = "direct";

  /** What changes no text, or says where something is whose contents count. */
  private static final Set<String> OF_NO_ACCOUNT =
      Set.of(
          "--base",
          "--expert",
          "--expert-adapter",
          "--anti-expert",
          "--source",
          "--output",
          "--json",
          "--html",
          "--quiet",
          "--verbose",
          "--at-once",
          "--systems",
          "--direct",
          "--data",
          "--judge-command",
          "--judge-url",
          "--judge-model",
          "--judge-key-file",
          "--judge-time-limit",
          "--keep-verdicts",
          "--verdicts",
          "--threads");

  private final App app;
  private final ModelOptions models;
  private final FusionOptions fusion;
  private final TaskRunOptions options;

  TaskModels(App app, ModelOptions models, FusionOptions fusion, TaskRunOptions options) {
    this.app = app;
    this.models = models;
    this.fusion = fusion;
    this.options = options;
  }

  /** The names of all systems that there are. */
  List<String> systems() {
    List<String> names = new ArrayList<>(List.of(BASE));
    for (int i = 0; i < models.pairs().size(); i++) {
      names.add(expert(i));
    }
    if (!models.pairs().isEmpty() || fusion.hasTerms()) {
      names.add(STEERED);
    }
    options.direct().ifPresent(model -> names.add(DIRECT));
    return names;
  }

  private static String expert(int pair) {
    return pair == 0 ? "expert" : "expert-" + (pair + 1);
  }

  /**
   * Visits each system that is wanted.
   *
   * @param top of how many of the base's likeliest tokens a steered one is; 0 for all
   */
  void forEach(int top, boolean quiet, Consumer<TaskSystem> visitor) {
    if (systems().stream().anyMatch(name -> !name.equals(DIRECT) && options.wants(name))) {
      try (TunerSession session = TunerSession.open(app, models, fusion, quiet)) {
        visit(BASE, alone(session.base(), this::plain), visitor);
        for (int i = 0; i < session.pairs().size(); i++) {
          visit(expert(i), alone(session.pairs().get(i).expert(), this::tuned), visitor);
        }
        if (systems().contains(STEERED)) {
          visit(STEERED, name -> steered(name, session, top), visitor);
        }
      }
    }
    if (options.direct().isPresent() && options.wants(DIRECT)) {
      try (LoadedModels loaded = new LoadedModels(app, quiet)) {
        LogitSource direct =
            loaded.get(app.engine().folder(options.direct().get()), models.baseLoadOptions());
        visit(DIRECT, alone(direct, this::tuned), visitor);
      }
    }
  }

  private void visit(
      String name, Function<String, TaskSystem> maker, Consumer<TaskSystem> visitor) {
    if (options.wants(name)) {
      try (TaskSystem system = maker.apply(name)) {
        visitor.accept(system);
      }
    }
  }

  private Function<String, TaskSystem> alone(LogitSource model, Function<Ask, Prompt> prompt) {
    return name ->
        new TaskSystem(name, app.engine().tuner(model, List.of(), models.prefillChunk()), prompt);
  }

  private TaskSystem steered(String name, TunerSession session, int top) {
    ProxyTuner tuner =
        top == 0
            ? session.tuner()
            : app.engine()
                .tuner(
                    session.base(),
                    session.pairs(),
                    Fusion.proxyTuning().withCandidates(CandidateSet.topK(top)),
                    models.prefillChunk());
    return new TaskSystem(name, tuner, ask -> options.format().steered(ask, options.system()));
  }

  private Prompt plain(Ask ask) {
    return Prompt.of(ask.plain());
  }

  private Prompt tuned(Ask ask) {
    return options.format().alone(ask, options.system());
  }

  /** The models with their files. */
  ArrayNode json() {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    add(json, BASE, models.base());
    for (PairOptions pair : models.pairs()) {
      add(json, "expert", pair.expert()).put("alpha", pair.alpha());
      add(json, "anti-expert", pair.antiExpert());
    }
    fusion.sources().forEach(source -> add(json, "source", source));
    options.direct().ifPresent(model -> add(json, DIRECT, model));
    return json;
  }

  private ObjectNode add(ArrayNode json, String role, String model) {
    ObjectNode one = json.addObject().put("role", role).put("name", model);
    one.set("files", ModelFiles.of(app.engine().folder(model)));
    return one;
  }

  /** What texts of a system depend on. */
  ObjectNode settings(String system, CommandSpec spec, String items) {
    ObjectNode settings = JsonNodeFactory.instance.objectNode().put("items", items);
    settings.set("options", given(spec));
    ArrayNode of = settings.putArray("models");
    for (JsonNode model : json()) {
      if (system.equals(DIRECT) == model.path("role").asText().equals(DIRECT)) {
        of.add(((ObjectNode) model).without("name"));
      }
    }
    return settings;
  }

  /** How texts are generated. */
  ObjectNode options(CommandSpec spec, Decoding decoding) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("max_new_tokens", decoding.maxNewTokens()).put("samples", decoding.samples());
    json.put("temperature", decoding.temperature()).put("top_p", decoding.topP());
    decoding.stops().forEach(json.putArray("stop")::add);
    decoding.banned().forEach(json.putArray("banned")::add);
    json.put("expert_format", options.format().toString().toLowerCase(Locale.ROOT));
    json.put("system", options.system()).put("seed", options.seed());
    json.set("given", given(spec));
    return json;
  }

  private static ObjectNode given(CommandSpec spec) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      if (!OF_NO_ACCOUNT.contains(option.longestName())) {
        json.put(option.longestName(), String.join(" ", option.originalStringValues()));
      }
    }
    return json;
  }
}
