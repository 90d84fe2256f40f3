package io.proxytune.examples.training;

import io.proxytune.core.training.TrainingReport;

/**
 * How one model's training went.
 *
 * @param steps the steps done
 * @param loss the mean loss of the last steps, in nats
 * @param heldOutLoss the held-out loss after the last step, in nats
 * @param seconds the time that it took
 * @param tokens the positions trained
 */
public record StageFigures(
    int steps, double loss, double heldOutLoss, double seconds, long tokens) {
  static StageFigures of(TrainingReport report) {
    return new StageFigures(
        report.steps(),
        LossCurve.of(report).last(),
        report.heldOutLosses().lastEntry().getValue(),
        report.seconds(),
        report.tokens());
  }
}
