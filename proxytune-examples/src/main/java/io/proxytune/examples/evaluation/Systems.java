package io.proxytune.examples.evaluation;

import io.proxytune.ExpertPair;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.LoadedModels;
import io.proxytune.model.LogitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The models of a family and the systems made of them. All are loaded as float32: fusing logits
 * that were rounded to bfloat16 costs accuracy. For one thread; closes the models.
 */
public final class Systems implements AutoCloseable {
  private static final int PREFILL_CHUNK = 512;

  private final Engine engine;
  private final LoadedModels models;
  private final LogitModel base;
  private final LogitModel small;
  private final LogitModel expert;
  private final LogitModel direct;
  private final Optional<LogitModel> lora;

  private Systems(Engine engine, LoadedModels models, FamilyFolder family) {
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    this.engine = engine;
    this.models = models;
    this.base = models.get(family.base(), options);
    this.small = models.get(family.small(), options);
    this.expert = models.get(family.expert(), options);
    this.direct = models.get(family.baseTuned(), options);
    this.lora =
        family.hasExpertLora()
            ? Optional.of(models.get(family.small(), options.withAdapter(family.expertLora())))
            : Optional.empty();
  }

  /** Loads the models of a family. */
  public static Systems open(CommandContext context, FamilyFolder family, boolean quiet) {
    LoadedModels models = new LoadedModels(context, quiet);
    try {
      return new Systems(context.engine(), models, family);
    } catch (Throwable e) {
      models.close();
      throw e;
    }
  }

  /** The systems that this family has. */
  public List<SystemId> available() {
    List<SystemId> ids = new ArrayList<>(List.of(SystemId.values()));
    if (lora.isEmpty()) {
      ids.remove(SystemId.PROXY_LORA);
    }
    return ids;
  }

  /**
   * Makes a system that answers; the caller closes it first.
   *
   * @param alpha the strength of the expert pair; of no account to a model alone
   */
  public ModelAnswerer answerer(SystemId id, double alpha) {
    return switch (id) {
      case BASE -> alone(id, base, false);
      case EXPERT -> alone(id, expert, true);
      case DIRECT -> alone(id, direct, true);
      case PROXY -> steered(id, new ExpertPair(expert, small, alpha));
      case PROXY_LORA -> steered(id, new ExpertPair(lora.orElseThrow(), small, alpha));
    };
  }

  /** The anti-expert by itself, which reads plain text as the base does. */
  public ModelAnswerer antiExpertAlone() {
    return alone(SystemId.BASE, small, false);
  }

  private ModelAnswerer alone(SystemId id, LogitModel model, boolean templated) {
    return new ModelAnswerer(id, engine.tuner(model, List.of(), PREFILL_CHUNK), templated);
  }

  private ModelAnswerer steered(SystemId id, ExpertPair pair) {
    return new ModelAnswerer(id, engine.tuner(base, List.of(pair), PREFILL_CHUNK), true);
  }

  /** The large untuned model. */
  public LogitModel base() {
    return base;
  }

  /** The small tuned model. */
  public LogitModel expert() {
    return expert;
  }

  /** The small untuned model. */
  public LogitModel antiExpert() {
    return small;
  }

  @Override
  public void close() {
    models.close();
  }
}
