package io.proxytune.examples.diagnosis;

import io.proxytune.examples.statistics.Bootstrap;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which signatures of failure there are: immutable.
 *
 * @param findings one for each signature, in their order; of candidates only where some tokens are
 *     none
 * @param texts how many texts were looked at
 * @param tokens how many steered tokens
 */
public record Diagnosis(List<Finding> findings, int texts, int tokens) {
  public Diagnosis {
    findings = List.copyOf(findings);
  }

  /**
   * Judges what was seen.
   *
   * @param samples steered texts beside the base's own, at least one
   * @param pairs what steered them
   * @param vocabulary how vocabularies relate
   * @param times what a step costs
   * @param thresholds from where on a figure is a signature
   */
  public static Diagnosis of(
      List<Sample> samples,
      Pairs pairs,
      VocabularyFacts vocabulary,
      StepTimes times,
      Thresholds thresholds) {
    Set<String> ends = vocabulary.ends();
    Texts texts =
        new Texts(
            samples.stream().map(sample -> TextFacts.of(sample, pairs, ends)).toList(),
            Bootstrap.standard());
    List<Finding> findings = new ArrayList<>(new TextChecks(texts, thresholds).findings());
    findings.add(VocabularyCheck.of(vocabulary, texts, thresholds));
    findings.add(TimeCheck.of(times, thresholds));
    return new Diagnosis(findings, texts.count(), texts.tokens());
  }

  /** The findings about signatures that are there. */
  public List<Finding> seen() {
    return findings.stream().filter(it -> it.state() == Finding.State.SEEN).toList();
  }

  /** What was found out about a signature. */
  public Finding of(Signature signature) {
    return findings.stream().filter(it -> it.signature() == signature).findFirst().orElseThrow();
  }
}
