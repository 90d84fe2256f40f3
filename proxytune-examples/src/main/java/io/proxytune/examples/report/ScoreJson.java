package io.proxytune.examples.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.statistics.MeanScore;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.Locale;
import java.util.Optional;

/** Scores and differences for programs. */
public final class ScoreJson {
  private ScoreJson() {}

  /** A mean with its interval, null where there is none. */
  public static ObjectNode of(MeanScore score) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("score", score.value()).put("of", score.items());
    return put(json, score.interval());
  }

  /** A difference with its interval and how that was made. */
  public static ObjectNode of(PairedDifference difference) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("mean", difference.mean());
    return put(json, difference.interval())
        .put("method", difference.method().name().toLowerCase(Locale.ROOT));
  }

  private static ObjectNode put(ObjectNode json, Optional<Interval> interval) {
    interval.ifPresentOrElse(
        it -> json.putArray("interval").add(it.low()).add(it.high()),
        () -> json.putNull("interval"));
    return json;
  }
}
