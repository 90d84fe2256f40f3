package io.proxytune.examples.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.training.TrainingReport;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.Usage;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** Says how one training went, and what to do where it is not complete. */
final class TrainingSummary {
  private static final int CURVE_WIDTH = 60;

  private TrainingSummary() {}

  /** Where the loss curve of an output is written: beside it. */
  private static Path lossFile(Path output) {
    Path folder = output.toAbsolutePath().normalize();
    return folder.resolveSibling(folder.getFileName() + "-loss.csv");
  }

  /** Refuses, before the work is done, an output whose loss curve would replace something else. */
  static void checkLossFile(Path output) {
    Path file = lossFile(output);
    Usage.check(
        LossCurve.isReplaceable(file),
        "the loss of each step is written to %s, which holds something else: move it, or give"
            + " another --out",
        file);
  }

  /** Writes the loss curve beside the output, prints a summary and returns the exit status. */
  static int finish(CommandContext context, TrainingReport report, boolean json) {
    if (!report.complete()) {
      interrupted(context.terminal().err(), report.folder() + " at step " + report.steps());
      throw new CancellationException("interrupted");
    }
    LossCurve curve = LossCurve.of(report);
    Path file = lossFile(report.folder());
    curve.writeCsv(file);
    if (json) {
      context.terminal().out().println(json(report, curve, file));
    } else {
      print(context.terminal().out(), report, curve, file);
    }
    return 0;
  }

  /** Says how to go on. */
  static void interrupted(PrintStream err, String what) {
    err.println(
        "proxytune: stopped training " + what + ": run the same command again to go on from there");
  }

  private static ObjectNode json(TrainingReport report, LossCurve curve, Path file) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("folder", report.folder().toString())
            .put("steps", report.steps())
            .put("tokens", report.tokens())
            .put("seconds", report.seconds())
            .put("loss", curve.last());
    Map.Entry<Integer, Double> heldOut = report.heldOutLosses().lastEntry();
    json.put("held_out_loss", heldOut == null ? null : heldOut.getValue());
    return json.put("losses", file.toString());
  }

  private static void print(PrintStream out, TrainingReport report, LossCurve curve, Path file) {
    out.println(curve.sparkline(CURVE_WIDTH));
    out.println(
        String.format(
            Locale.ROOT,
            "loss %.3f after %,d steps and %,d tokens in %s",
            curve.last(),
            report.steps(),
            report.tokens(),
            Durations.text(Duration.ofMillis(Math.round(report.seconds() * 1e3)))));
    Map.Entry<Integer, Double> heldOut = report.heldOutLosses().lastEntry();
    if (heldOut != null) {
      out.println(String.format(Locale.ROOT, "held-out loss %.3f", heldOut.getValue()));
    }
    out.println("Written to " + report.folder() + ", each step's loss to " + file);
  }
}
