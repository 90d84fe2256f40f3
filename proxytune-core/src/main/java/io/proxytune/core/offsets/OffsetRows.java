package io.proxytune.core.offsets;

import static java.util.Objects.requireNonNull;

import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.offsets.OffsetText.Steered;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.RoleLogits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The offsets of several texts after a pass. For one thread. */
final class OffsetRows implements AutoCloseable {
  private static final int MAGNITUDE = 0x7fff_ffff;
  private static final int INFINITY = 0x7f80_0000;

  private final Map<Integer, RoleLogits> byPair = new HashMap<>();
  private final Map<Integer, List<OffsetText>> texts = new LinkedHashMap<>();
  private final float[] sum;

  /**
   * Sorts a pass's rows.
   *
   * @param ended whose last rows it has
   * @param models their models
   * @param pass stays open as long as this is
   */
  OffsetRows(OffsetModels models, ModelPass pass, List<OffsetText> ended) {
    this.sum = new float[models.vocabularySize()];
    for (OffsetText text : ended) {
      text.steering()
          .forEach(
              steered ->
                  texts
                      .computeIfAbsent(steered.pair().index(), pair -> new ArrayList<>())
                      .add(text));
    }
    try {
      texts.forEach((pair, all) -> byPair.put(pair, rows(models, pass, pair, all)));
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, this);
      throw e;
    }
  }

  private static RoleLogits rows(
      OffsetModels models, ModelPass pass, int pair, List<OffsetText> all) {
    int[] counts = new int[all.size()];
    Arrays.fill(counts, 1);
    return RoleLogits.of(
        models.math(),
        pass,
        models.pairs().get(pair).roles().toList(),
        all.stream().map(OffsetText::sessions).toList(),
        counts);
  }

  /**
   * What the pairs add to the base's logits.
   *
   * @param text one of those that ended
   * @return a value for each id that has a token; overwritten by the next call
   * @throws FaultException where a model says nothing that can be added
   */
  float[] of(OffsetText text) {
    Arrays.fill(sum, 0);
    boolean usable = true;
    for (Steered steered : text.steering()) {
      usable &= add(text, steered, false);
    }
    if (!usable) {
      Arrays.fill(sum, 0);
      text.steering().forEach(steered -> add(text, steered, true));
    }
    return sum;
  }

  private boolean add(OffsetText text, Steered steered, boolean carefully) {
    SteeringPair pair = steered.pair();
    RoleLogits rows = requireNonNull(byPair.get(pair.index()));
    int row = requireNonNull(texts.get(pair.index())).indexOf(text);
    float[] expert = rows.of(pair.expert()).row(row);
    float[] antiExpert = rows.of(pair.antiExpert().orElseThrow()).row(row);
    IdRange ids = pair.sharedIds();
    int end = Math.min(Math.min(ids.end(), sum.length), Math.min(expert.length, antiExpert.length));
    for (int hole : ids.holes()) {
      if (hole < end) {
        antiExpert[hole] = expert[hole]; // these are copies
      }
    }
    float alpha = (float) steered.alpha();
    if (!carefully) {
      return addAll(expert, antiExpert, alpha, end);
    }
    for (int id = 0; id < end; id++) {
      // Two models that both never say a token do not differ; one alone may forbid it.
      sum[id] += expert[id] == antiExpert[id] ? 0 : alpha * (expert[id] - antiExpert[id]);
      if (!Float.isFinite(sum[id]) && sum[id] != Float.NEGATIVE_INFINITY) {
        throw unusable(pair, id);
      }
    }
    return true;
  }

  /** As few instructions as can be, since it is much of the work of a step. */
  private boolean addAll(float[] expert, float[] antiExpert, float alpha, int end) {
    int largest = 0; // as bits, whose order is that of magnitudes
    for (int id = 0; id < end; id++) {
      float offset = sum[id] + alpha * (expert[id] - antiExpert[id]);
      sum[id] = offset;
      largest = Math.max(largest, Float.floatToRawIntBits(offset) & MAGNITUDE);
    }
    return largest < INFINITY;
  }

  private FaultException unusable(SteeringPair pair, int id) {
    return new FaultException(
        Fault.MODEL,
        "the "
            + pair.expert().describe()
            + " and its anti-expert differ by "
            + sum[id]
            + " for token id "
            + id
            + ": check their weights, or load them with a wider dtype such as float32");
  }

  @Override
  public void close() {
    Closeables.all(byPair.values());
  }
}
