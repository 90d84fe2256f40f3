package io.proxytune.core.training;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How training went: immutable.
 *
 * @param folder the output folder; it exists if training is complete
 * @param complete whether all steps are done; otherwise training was stopped, its state is saved,
 *     and the same call goes on
 * @param steps the steps done, those before a resumption included
 * @param losses the loss of each step, in nats
 * @param heldOutLosses the held-out loss after the steps where it was measured, ascending
 * @param seconds the time that training took, earlier calls included
 * @param tokens the positions trained, padding not counted, earlier calls included
 */
public record TrainingReport(
    Path folder,
    boolean complete,
    int steps,
    List<Double> losses,
    NavigableMap<Integer, Double> heldOutLosses,
    double seconds,
    long tokens) {
  public TrainingReport {
    losses = List.copyOf(losses);
    heldOutLosses = Collections.unmodifiableNavigableMap(new TreeMap<>(heldOutLosses));
  }
}
