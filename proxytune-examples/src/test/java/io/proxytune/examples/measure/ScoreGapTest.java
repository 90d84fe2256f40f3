package io.proxytune.examples.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.examples.batch.BatchRequest;
import io.proxytune.examples.report.TextWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Gap closed, from scores that are known. */
class ScoreGapTest {
  private final List<Question> questions = new ArrayList<>();
  private final List<Double> base = new ArrayList<>();
  private final List<Double> steered = new ArrayList<>();
  private final List<Double> direct = new ArrayList<>();

  private void task(String name, int count, int ofBase, int ofSteered, int ofDirect) {
    BatchRequest request =
        new BatchRequest(MissingNode.getInstance(), Prompt.of("p"), GenerationOptions.defaults());
    for (int i = 0; i < count; i++) {
      Checker checker =
          answer -> {
            throw new AssertionError("these are scored");
          };
      questions.add(new Question(i + 1, name, request, List.of(), checker));
    }
    base.addAll(right(ofBase, count));
    steered.addAll(right(ofSteered, count));
    direct.addAll(right(ofDirect, count));
  }

  private static List<Double> right(int count, int all) {
    List<Double> scores = new ArrayList<>(Collections.nCopies(count, 1.0));
    scores.addAll(Collections.nCopies(all - count, 0.0));
    return scores;
  }

  private Comparison comparison() {
    return new Comparison(
        questions,
        List.of(system("base", base), system("steered", steered), system("direct", direct)),
        JsonNodeFactory.instance.objectNode());
  }

  private static SystemScores system(String id, List<Double> scores) {
    List<Answer> answers = Collections.nCopies(scores.size(), Answer.written("x", "end_of_text"));
    return new SystemScores(id, id, answers, scores);
  }

  private String text() {
    return String.join(" ", TextWriter.lines(ComparisonReport.of(comparison()), 1000));
  }

  @Test
  void itIsTheMeanOverTheTasksThatGain() {
    task("a", 60, 6, 48, 54); // 42 of 48
    task("b", 60, 12, 36, 60); // 24 of 48
    task("c", 60, 30, 50, 31); // tuning directly gains nothing
    ScoreGap gap = comparison().gap().orElseThrow();
    assertThat(gap.tasks()).containsExactly("a", "b");
    assertThat(gap.mean()).isCloseTo((0.875 + 0.5) / 2, within(1e-12));
    assertThat(gap.interval().orElseThrow().low()).isBetween(0.55, 0.68);
    assertThat(gap.interval().orElseThrow().high()).isBetween(0.69, 0.82);
    assertThat(text())
        .contains("directly tuned \u2212 base): 0.69 (", "the mean over 2 of 3 tasks");
    JsonNode json = comparison().json().get("gap_closed");
    assertThat(json.get("mean").doubleValue()).isEqualTo(gap.mean());
    assertThat(json.get("interval")).hasSize(2);
  }

  @Test
  void fewQuestionsGiveNoRange() {
    task("", 10, 0, 9, 10);
    assertThat(comparison().gap().orElseThrow().interval()).isEmpty();
    assertThat(text()).contains("base): 0.90, of too few questions for a range.");
  }

  @Test
  void whereNothingIsGainedItIsNotTold() {
    task("", 10, 5, 9, 5);
    assertThat(text()).contains("Gap closed: not to be told");
    assertThat(comparison().json().at("/gap_closed/mean").isNull()).isTrue();
  }

  @Test
  void itNeedsTheBaseTunedDirectly() {
    task("", 10, 0, 9, 10);
    Comparison without =
        new Comparison(
            questions,
            List.of(system("base", base), system("steered", steered)),
            JsonNodeFactory.instance.objectNode());
    assertThat(without.gap()).isEmpty();
    assertThat(without.json().has("gap_closed")).isFalse();
  }
}
