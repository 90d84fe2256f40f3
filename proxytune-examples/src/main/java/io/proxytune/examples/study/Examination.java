package io.proxytune.examples.study;

import io.proxytune.ProxyTuner;
import java.util.List;
import java.util.Map;

/** What models are asked about a subject, and how it is scored. */
interface Examination {
  /** The names of its scores. */
  List<String> metrics();

  /** All that the scores depend on besides models, subject and seed. */
  String settings();

  /**
   * Examines a system.
   *
   * @param tuner the system, which stays open
   * @param templated whether its experts, or the model that answers alone, read the chat template
   * @return scores by the name of the metric
   */
  Map<String, ItemScores> scores(ProxyTuner tuner, boolean templated);
}
