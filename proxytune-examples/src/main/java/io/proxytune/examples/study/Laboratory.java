package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.ProxyTuner;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.LoadedModels;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.evaluation.Evaluation;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.evaluation.GapClosed;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.evaluation.ModelAnswerer;
import io.proxytune.examples.evaluation.SystemId;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.ModelFiles;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Where studies are made: the family, models that are trained for them, the sets, and what was
 * measured before. All models are loaded as float32. For one thread; closes the models.
 */
public final class Laboratory implements AutoCloseable {
  private static final int PREFILL_CHUNK = 512;
  private static final int QUICK_LIMIT = 1;
  private static final int QUICK_STEPS = 2;

  private final CommandContext context;
  private final FamilyFolder family;
  private final Effort effort;
  private final LoadedModels models;
  private final Nursery nursery;
  private final Parts parts;
  private final Map<Use, ItemSet> sets = new HashMap<>();
  private final Map<Made, String> files = new HashMap<>();
  private final Set<Made> used = new LinkedHashSet<>();
  private final Map<String, Double> seconds = new HashMap<>();

  /**
   * How much is done.
   *
   * @param quick whether to try the way only
   * @param seeds how many seeds, at least 1
   * @param quiet whether progress is of no interest
   */
  public record Effort(boolean quick, int seeds, boolean quiet) {}

  /**
   * A laboratory.
   *
   * @param folder where trained models and measured parts are kept
   */
  public Laboratory(CommandContext context, FamilyFolder family, Path folder, Effort effort) {
    Path kept = effort.quick() ? folder.resolve("quick") : folder;
    this.context = context;
    this.family = family;
    this.effort = effort;
    this.models = new LoadedModels(context, effort.quiet());
    this.nursery =
        new Nursery(kept.resolve("models"), family, effort.quick(), context.cancellation());
    this.parts = new Parts(kept.resolve("parts"));
  }

  /** Forgets which models and parts were used so far. */
  void begin() {
    used.clear();
    seconds.clear();
  }

  /** The models used since {@link #begin} that are none of the family, by their folders. */
  Map<String, Path> trained() {
    Map<String, Path> folders = new TreeMap<>();
    used.stream()
        .filter(model -> !(model instanceof Made.Shipped))
        .forEach(model -> folders.put(model.name(), nursery.folder(model)));
    return folders;
  }

  /** How long it took to measure the parts used since {@link #begin}, whenever that was. */
  double measuringSeconds() {
    return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** How long the models used since {@link #begin} took to train, whenever that was. */
  double trainingSeconds() {
    return used.stream().mapToDouble(nursery::seconds).sum();
  }

  boolean isQuick() {
    return effort.quick();
  }

  /** The seeds of small models. */
  List<Long> seeds() {
    return LongStream.rangeClosed(1, effort.seeds()).boxed().toList();
  }

  /** So many steps of training, or very few. */
  int steps(int steps) {
    return effort.quick() ? Math.min(steps, QUICK_STEPS) : steps;
  }

  /** All of a list, or its first and last. */
  <T> List<T> some(List<T> all) {
    return effort.quick() && all.size() > 2 ? List.of(all.get(0), all.get(all.size() - 1)) : all;
  }

  /** A small model of a seed, trained on a quarter of the text that the family's read. */
  Made small(long seed) {
    return small(seed, 400);
  }

  /** The same, trained for a number of steps. */
  Made small(long seed, int steps) {
    return pretrained(Made.Size.SMALL, seed, steps);
  }

  /** A new model, trained for a number of steps. */
  Made pretrained(Made.Size size, long seed, int steps) {
    return new Made.Pretrained(size, seed, steps(steps));
  }

  /** A small model with a tokenizer of so many tokens of its own, trained for a number of steps. */
  Made inPieces(int pieces, long seed, int steps) {
    return new Made.InPieces(Made.Size.SMALL, pieces, seed, steps(steps));
  }

  /** A model tuned as the family's expert was. */
  Made expert(Made source) {
    return tuned(source, 130);
  }

  /** A model tuned on all chats. */
  Made tuned(Made source, int steps) {
    return tuned(source, steps, Chats.ALL);
  }

  /** A model tuned on some chats. */
  Made tuned(Made source, int steps, Chats chats) {
    long seed = 1;
    if (source instanceof Made.Pretrained pretrained) {
      seed = pretrained.seed();
    } else if (source instanceof Made.Diffusing diffusing) {
      seed = diffusing.seed();
    } else if (source instanceof Made.InPieces inPieces) {
      seed = inPieces.seed();
    }
    return new Made.Tuned(source, steps(steps), seed, chats);
  }

  /** The questions of a set, some of each task. */
  ItemSet set(Use use) {
    return sets.computeIfAbsent(use, this::read);
  }

  /** All questions of the test set. */
  ItemSet everyQuestion() {
    return ItemSet.read(Use.TEST.set(), family.data(Use.TEST.set()));
  }

  /** Quickly means without the answers that take longest. */
  private ItemSet read(Use use) {
    ItemSet all = ItemSet.read(use.set(), family.data(use.set()));
    return effort.quick()
        ? new ItemSet(
            all.name(),
            all.limit(QUICK_LIMIT).items().stream()
                .filter(item -> item.task() != Task.PROFILE)
                .toList())
        : all.limit(use.limit());
  }

  /** The gap that a system closes between the base and the base tuned directly. */
  GapClosed gap(Mix mix, Use use) {
    return gap(mix, Made.Shipped.DIRECT, use);
  }

  /** The same where another model is the base tuned directly. */
  GapClosed gap(Mix mix, Made direct, Use use) {
    return GapClosed.of(
        marks(Mix.alone(mix.base()), use), marks(mix, use), marks(Mix.alone(direct), use));
  }

  /** A system's marks on a set. */
  SystemResult marks(Mix mix, Use use) {
    return measure(mix, use).result();
  }

  /** The same with what it took. */
  Measured measure(Mix mix, Use use) {
    return Measured.of(part(mix, "marks " + set(use).items(), tuner -> marks(mix, use, tuner)));
  }

  /**
   * A part that is measured on a system, unless it was before.
   *
   * @param what the questions and whatever else it depends on besides the system
   * @param measure measures it; the tuner is closed by the laboratory
   * @return the part, with its {@code seconds}
   */
  ObjectNode part(Mix mix, String what, Function<ProxyTuner, ObjectNode> measure) {
    return kept(
        mix,
        what,
        () -> {
          try (ProxyTuner tuner = tuner(mix)) {
            return measure.apply(tuner);
          }
        });
  }

  /** The same of models that no tuner decodes with. */
  ObjectNode kept(Mix mix, String what, Supplier<ObjectNode> measure) {
    context.cancellation().throwIfRequested();
    String key = mix.name() + "\n" + what + "\n" + files(mix);
    ObjectNode part = (ObjectNode) parts.find(key).orElseGet(() -> measured(key, measure));
    seconds.put(key, part.path("seconds").asDouble());
    return part;
  }

  private ObjectNode measured(String key, Supplier<ObjectNode> measure) {
    long start = System.nanoTime();
    ObjectNode part = measure.get();
    part.put("seconds", (System.nanoTime() - start) / 1e9);
    parts.keep(key, part);
    return part;
  }

  private ObjectNode marks(Mix mix, Use use, ProxyTuner tuner) {
    ItemSet items = set(use);
    Cost[] cost = {Cost.NONE};
    boolean templated = !mix.pulls().isEmpty() || mix.base().isTuned();
    SystemId id = mix.pulls().isEmpty() ? SystemId.BASE : SystemId.PROXY;
    ModelAnswerer answerer =
        new ModelAnswerer(
            id, tuner, templated, mix.speculation(), text -> cost[0] = cost[0].plus(text));
    try (WorkBar bar = new WorkBar(context, effort.quiet(), use.set(), items.items().size())) {
      SystemResult result = new Evaluation(items, bar).of(answerer);
      return new Measured(result, cost[0], 0).json();
    }
  }

  /** The weights of all models of a system. */
  private String files(Mix mix) {
    List<Made> all = new ArrayList<>(List.of(mix.base()));
    mix.pulls().forEach(pull -> all.add(pull.expert()));
    mix.pulls().forEach(pull -> pull.against().ifPresent(all::add));
    StringBuilder hashes = new StringBuilder();
    for (Made model : all) {
      used.add(model);
      hashes.append(
          files.computeIfAbsent(model, it -> ModelFiles.of(nursery.folder(it)).toString()));
    }
    return hashes.toString();
  }

  /** What a system decodes with; the caller closes it. */
  ProxyTuner tuner(Mix mix) {
    List<ExpertPair> pairs = new ArrayList<>();
    Fusion fusion = Fusion.proxyTuning().withStrength(mix.strength());
    for (Pull pull : mix.pulls()) {
      LogitModel expert = model(pull.expert());
      Optional<LogitModel> against = pull.against().map(this::model);
      if (against.isPresent()) {
        ExpertPair pair = new ExpertPair(expert, against.get(), pull.weight());
        pairs.add(pull.expert().isInPieces() ? pair.acrossTokenizers() : pair);
      } else {
        fusion = fusion.withSource(expert, pull.weight());
      }
    }
    return context.engine().tuner(model(mix.base()), pairs, fusion, PREFILL_CHUNK);
  }

  /** What is written, and may be asked, of the changing world of a seed. */
  Chronicle chronicle(long seed) {
    return nursery.chronicle(seed);
  }

  /**
   * Measures a system whose base is behind a server that shows a few of its likeliest tokens.
   *
   * @param shown how many
   */
  ObjectNode throughServer(Mix mix, int shown, Function<ProxyTuner, ObjectNode> measure) {
    Made base = mix.base();
    List<ExpertPair> pairs =
        mix.pulls().stream()
            .map(
                it ->
                    new ExpertPair(
                        model(it.expert()), model(it.against().orElseThrow()), it.weight()))
            .toList();
    try (BlackBox box = BlackBox.of(context.engine(), model(base), nursery.folder(base), shown);
        ProxyTuner tuner = box.tuner(pairs)) {
      return measure.apply(tuner);
    }
  }

  /** A model, which the laboratory closes. */
  LogitModel model(Made made) {
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    Path folder = nursery.folder(made);
    return made instanceof Made.Adapted adapted
        ? models.get(nursery.folder(adapted.source()), options.withAdapter(folder))
        : models.get(folder, options);
  }

  @Override
  public void close() {
    models.close();
  }
}
