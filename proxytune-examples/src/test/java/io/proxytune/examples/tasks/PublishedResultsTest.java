package io.proxytune.examples.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.JsonFile;
import io.proxytune.examples.statistics.Proportion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The paper's own outputs, where they are on this machine: each row is read as it was published.
 */
class PublishedResultsTest {
  private static Path file(String name) {
    String property = System.getProperty("proxytune.shared");
    Stream<Path> roots =
        property != null
            ? Stream.of(Path.of(property))
            : Stream.iterate(Path.of("").toAbsolutePath(), it -> it != null, Path::getParent)
                .map(folder -> folder.resolve("shared"));
    return roots
        .map(root -> root.resolve("paper-results").resolve(name))
        .filter(Files::exists)
        .findFirst()
        .orElseGet(() -> abort("needs shared/paper-results, which is not on this machine"));
  }

  private static Scores score(String task, String name) {
    PaperTask of = PaperTasks.named(task);
    return of.score(of.answers(Rows.read(file(name)), Optional.empty()), Graders.none());
  }

  @ParameterizedTest
  @CsvSource({
    "gsm8k, results_gsm_dexperts-13B_predictions.jsonl",
    "gsm8k, results_gsm_llama2-13B_predictions.jsonl",
    "truthfulqa-mc, results_truthfulqa_llama2-13B_mc_results.jsonl"
  })
  void everyRowIsReadAsPublished(String task, String name) {
    Scores scores = score(task, name);
    assertThat(scores.published()).isEqualTo(scores.marks().size()).isPositive();
    assertThat(scores.agreeing()).isEqualTo(scores.published());
  }

  @Test
  void everyChoiceIsMarkedAsPublished() {
    String name = "results_truthfulqa_llama2-13B_mc_results.jsonl";
    List<Row> rows = Rows.read(file(name));
    List<Mark> marks = score("truthfulqa-mc", name).marks();
    for (int i = 0; i < rows.size(); i++) {
      JsonNode correct = rows.get(i).json().path("correct");
      assertThat(marks.get(i).correct().map(Object::toString).orElse("null"))
          .as(rows.get(i).place())
          .isEqualTo(correct.asText());
    }
  }

  /** The options of all questions are those that were drawn for the paper. */
  @Test
  void optionsAreDrawnAsPublished() {
    PythonRandom random = new PythonRandom(42);
    for (Row row : Rows.read(file("results_truthfulqa_llama2-13B_mc_results.jsonl"))) {
      TaskItem item = TruthfulQa.choice(row, 1, TruthfulQa.options(row, random));
      assertThat(item.ask().plain()).isEqualTo(row.text("mc_prompt"));
      assertThat(item.expected()).containsExactly(row.text("mc_answer_idx"));
    }
  }

  @Test
  void everyOpenAnswerIsTrimmedAndMarkedAsPublished() {
    String name = "results_truthfulqa_dexperts-13B-helpful-prompt_open_results.jsonl";
    List<Row> rows = Rows.read(file(name));
    Scores scores = score("truthfulqa-open", name);
    for (int i = 0; i < rows.size(); i++) {
      Mark mark = scores.marks().get(i);
      JsonNode published = rows.get(i).json().path("GPT-true-info acc");
      assertThat(mark.correct().orElseThrow()).isEqualTo(published.intValue() == 1);
      assertThat(mark.parsed()).containsExactly(rows.get(i).text("output"));
    }
    assertThat(scores.metrics().path("true_info_acc").doubleValue())
        .isEqualTo(mean(rows, "GPT-true-info acc"));
    assertThat(scores.metrics().path("true").doubleValue())
        .isCloseTo(mean(rows, "GPT-true"), within(1e-12));
  }

  private static double mean(List<Row> rows, String name) {
    return rows.stream()
        .mapToDouble(row -> row.numberIfAny(name).orElseThrow())
        .average()
        .orElse(0);
  }

  /** Every published share is so many of the items that the benchmark has, to the last digit. */
  @Test
  void publishedSharesAreSharesOfAllItems() {
    ObjectNode metrics = JsonFile.readConfig(file("published_metrics.json"));
    int checked = 0;
    for (Map.Entry<String, JsonNode> entry : metrics.properties()) {
      JsonNode of = entry.getValue();
      if (entry.getKey().contains("/gsm/")) {
        checked += share(of.path("exact_match"), 1319);
      } else if (entry.getKey().endsWith("mc_metrics.json")) {
        checked += share(of.path("acc"), 817 - of.path("num_invalid_predictions").intValue());
      } else if (entry.getKey().endsWith("open_metrics.json")) {
        checked += share(of.path("GPT-true-info acc"), 817);
      } else if (entry.getKey().contains("/toxigen/")) {
        checked += share(of.path("overall"), 2800);
      }
    }
    assertThat(checked).isEqualTo(15 + 7 + 7 + 6);
  }

  private static int share(JsonNode published, int total) {
    double value = published.doubleValue();
    int count = (int) Math.round(value * total);
    assertThat(new Proportion(count, total).value()).isEqualTo(value);
    return 1;
  }

  /** Of as many wins, draws and losses as were counted. */
  @Test
  void winRatesAreThosePublished() {
    ObjectNode metrics = JsonFile.readConfig(file("published_metrics.json"));
    int checked = 0;
    for (Map.Entry<String, JsonNode> entry : metrics.properties()) {
      JsonNode of = entry.getValue();
      if (entry.getKey().contains("/alpaca_farm/")) {
        double[] wins =
            Stream.of(
                    repeated(1, of.path("n_wins")),
                    repeated(0, of.path("n_wins_base")),
                    repeated(0.5, of.path("n_draws")))
                .flatMapToDouble(it -> it)
                .toArray();
        assertThat(Means.mean(wins) * 100).isEqualTo(of.path("win_rate").doubleValue());
        // The order in which squares were added is not published.
        assertThat(Means.standardError(wins) * 100)
            .isCloseTo(of.path("standard_error").doubleValue(), within(1e-12));
        checked++;
      }
    }
    assertThat(checked).isEqualTo(7);
  }

  private static DoubleStream repeated(double value, JsonNode times) {
    return IntStream.range(0, times.intValue()).mapToDouble(i -> value);
  }
}
