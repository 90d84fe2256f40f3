package io.proxytune.core.renumbering;

import io.proxytune.core.sampling.ColumnOrder;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.model.LogitModel;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the renumbered models of one tuner: each once, so that models that share weights still run
 * together. For one thread.
 */
public final class Renumbering {
  private final LogitMath math;
  private final Map<Numbering, ColumnOrder> orders = new HashMap<>();
  private final Map<Numbering, Map<LogitModel, RenumberedModel>> models = new HashMap<>();

  /**
   * Begins without models.
   *
   * @param math reorders the logits
   */
  public Renumbering(LogitMath math) {
    this.math = math;
  }

  /**
   * A model with new ids.
   *
   * @param model the model, which stays its owner's
   * @param numbering the new ids
   * @return the same object for the same model and numbering
   */
  public RenumberedModel of(LogitModel model, Numbering numbering) {
    Map<LogitModel, RenumberedModel> known =
        models.computeIfAbsent(numbering, n -> new IdentityHashMap<>());
    RenumberedModel made = known.get(model);
    if (made == null) {
      made = make(model, numbering);
      known.put(model, made);
    }
    return made;
  }

  private RenumberedModel make(LogitModel model, Numbering numbering) {
    LogitModel host = model.host();
    Optional<RenumberedModel> renumberedHost =
        host == model ? Optional.empty() : Optional.of(of(host, numbering));
    ColumnOrder order =
        orders.computeIfAbsent(numbering, n -> math.columnOrder(numbering.sources()));
    return new RenumberedModel(model, renumberedHost, numbering, order);
  }
}
