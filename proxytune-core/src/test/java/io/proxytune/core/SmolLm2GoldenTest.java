package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.primitives.Ints;
import io.proxytune.ChatMessage;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Real weights, SmolLM2-135M-Instruct, against transformers. They are no part of the project:
 * {@code src/test/golden/smollm2.py} says where they come from and makes a checkpoint of them.
 *
 * <pre>{@code
 * mvn -B test -pl proxytune-core -am -Dtest=SmolLm2GoldenTest -Dproxytune.smollm2=FOLDER
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * }</pre>
 */
@Tag("slow")
@EnabledIfSystemProperty(named = SmolLm2GoldenTest.FOLDER, matches = ".+")
class SmolLm2GoldenTest {
  static final String FOLDER = "proxytune.smollm2";

  /** The id of {@code <|im_end|>}. */
  private static final int END = 2;

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private record Golden(Figures bfloat16, List<Answer> answers) {}

  private record Answer(
      String text, boolean chat, List<Integer> prompt, List<Integer> ids, String continuation) {
    Prompt asked() {
      return chat ? Prompt.chat(ChatMessage.user(text)) : Prompt.of(text);
    }

    /** Its ids with the one that ends it, where it ended by itself. */
    List<Integer> whole(int most) {
      return ids.size() == most ? ids : Stream.concat(ids.stream(), Stream.of(END)).toList();
    }

    /** Where the text ended by itself, the row of its end is one of them. */
    int rows(int most) {
      return whole(most).size();
    }
  }

  /**
   * What bfloat16 changes in rows of logits.
   *
   * @param rows how many rows
   * @param ties in how many the two likeliest are equal
   * @param other in how many another id is the likeliest
   * @param otherTied how many of these are ties
   * @param everywhere the mean error of a log-probability
   * @param likeliest that of the id which is the likeliest in float32
   */
  private record Figures(
      int rows, int ties, int other, int otherTied, double everywhere, double likeliest) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d rows, %d with tied top two, %d with another likeliest id (%d of them tied); error of"
              + " log-probabilities %.5f, of the likeliest %.5f",
          rows,
          ties,
          other,
          otherTied,
          everywhere,
          likeliest);
    }
  }

  private final Golden golden = golden();
  private final int longest =
      golden.answers.stream().mapToInt(answer -> answer.ids.size()).max().orElseThrow();

  private static Golden golden() {
    try (InputStream file = SmolLm2GoldenTest.class.getResourceAsStream("/golden/smollm2.json")) {
      return JSON.readValue(file, Golden.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LogitModel load(DType dtype) {
    Path folder = Path.of(System.getProperty(FOLDER));
    return TorchModels.load(folder, LoadOptions.defaults().withDType(dtype));
  }

  @Test
  void greedyTextsInFloat32EqualThoseOfTransformers() {
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(longest);
    try (LogitSource model = load(DType.FLOAT32);
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      for (Answer answer : golden.answers) {
        Generation generation = tuner.generate(answer.asked(), options);
        assertThat(generation.promptTokenIds()).as(answer.text).isEqualTo(answer.prompt);
        assertThat(generation.tokenIds()).as(answer.text).isEqualTo(answer.whole(longest));
        assertThat(generation.text()).isEqualTo(answer.continuation);
      }
    }
  }

  @Test
  void bfloat16TiesNothingAndIsNoFurtherOffThanInTransformers() {
    Figures figures;
    try (LogitModel exact = load(DType.FLOAT32);
        LogitModel rounded = load(DType.BFLOAT16)) {
      figures = measured(exact, rounded);
    }
    System.out.printf("ours:         %s%ntransformers: %s%n", figures, golden.bfloat16);
    assertThat(figures.rows).isEqualTo(golden.bfloat16.rows);
    assertThat(figures.ties).isZero();
    assertThat(figures.other).isLessThan(golden.bfloat16.other);
    assertThat(figures.everywhere).isLessThan(1.1 * golden.bfloat16.everywhere);
  }

  private Figures measured(LogitModel exact, LogitModel rounded) {
    int rows = 0;
    int ties = 0;
    int other = 0;
    int otherTied = 0;
    double everywhere = 0;
    double likeliest = 0;
    for (Answer answer : golden.answers) {
      List<float[]> right = rows(exact, answer);
      List<float[]> rough = rows(rounded, answer);
      for (int i = 0; i < right.size(); i++) {
        int best = LogitRows.argmax(right.get(i));
        boolean tied = isTied(rough.get(i));
        boolean differs = LogitRows.argmax(rough.get(i)) != best;
        double[] errors = errors(rough.get(i), right.get(i));
        rows++;
        ties += tied ? 1 : 0;
        other += differs ? 1 : 0;
        otherTied += tied && differs ? 1 : 0;
        everywhere += mean(errors);
        likeliest += errors[best];
      }
    }
    return new Figures(rows, ties, other, otherTied, everywhere / rows, likeliest / rows);
  }

  /** The rows that its ids were taken from, token by token. */
  private List<float[]> rows(LogitModel model, Answer answer) {
    List<float[]> rows = new ArrayList<>();
    try (LogitSession session = model.newSession(answer.prompt.size() + longest)) {
      int[] next = Ints.toArray(answer.prompt);
      while (true) {
        Segment segment = new Segment(session, next, Rows.LAST);
        rows.addAll(Step.forward(model, List.of(segment)));
        if (rows.size() == answer.rows(longest)) {
          return rows;
        }
        next = new int[] {answer.ids.get(rows.size() - 1)};
      }
    }
  }

  private static boolean isTied(float[] row) {
    float most = row[LogitRows.argmax(row)];
    int count = 0;
    for (float logit : row) {
      count += logit == most ? 1 : 0;
    }
    return count > 1;
  }

  private static double[] errors(float[] rough, float[] right) {
    double off = logSum(rough) - logSum(right);
    double[] errors = new double[right.length];
    for (int id = 0; id < errors.length; id++) {
      errors[id] = Math.abs((double) rough[id] - right[id] - off);
    }
    return errors;
  }

  private static double logSum(float[] row) {
    double most = row[LogitRows.argmax(row)];
    double sum = 0;
    for (float logit : row) {
      sum += Math.exp(logit - most);
    }
    return most + Math.log(sum);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
