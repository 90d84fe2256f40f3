package io.proxytune.examples.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
import io.proxytune.examples.CliRun;
import io.proxytune.examples.TinyFamily;
import io.proxytune.examples.TorchEngine;
import io.proxytune.examples.world.Quiz;
import io.proxytune.examples.world.TimelineFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How answers to quizzes are counted, and a base behind a server. */
class TemporalTest {
  private static final Quiz SAME = new Quiz("same", 2, OptionalInt.empty());
  private static final Quiz NEW = new Quiz("new", 1, OptionalInt.of(3));

  private static QuizAnswers chosen(int... letters) {
    int[] shown = IntStream.of(letters).map(it -> it == QuizAnswers.DROPPED ? 0 : 4).toArray();
    return new QuizAnswers(ImmutableIntArray.copyOf(letters), ImmutableIntArray.copyOf(shown));
  }

  @Test
  void droppedQuestionsAreCountedAndOfNoAccount() {
    List<Quiz> questions = List.of(SAME, NEW, NEW, NEW, NEW, SAME);
    QuizAnswers answers = chosen(2, 1, 3, QuizAnswers.DROPPED, 0, 1);
    QuizScore changed = QuizScore.of(questions, answers, true);
    assertThat(changed).isEqualTo(new QuizScore(4, 1, 1, 1));
    assertThat(changed.accuracy()).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(changed.outdatedShare()).isCloseTo(1 / 3.0, within(1e-12));
    QuizScore unchanged = QuizScore.of(questions, answers, false);
    assertThat(unchanged).isEqualTo(new QuizScore(2, 1, 0, 0));
    assertThat(changed.plus(unchanged)).isEqualTo(new QuizScore(6, 2, 1, 1));
    assertThat(QuizScore.NONE.accuracy()).isNaN();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QuizScore.of(questions, chosen(1), true))
        .withMessage("expected answers to 6 questions, got 1");
  }

  @Test
  void answersSurviveBeingKept() {
    QuizAnswers answers = chosen(2, QuizAnswers.DROPPED, 0);
    assertThat(QuizAnswers.of(answers.json())).isEqualTo(answers);
    assertThat(answers.isWhole(0)).isTrue();
    assertThat(answers.isWhole(1)).isFalse();
  }

  /** The letters and all the words of later times are known from the first. */
  @Test
  void theTokenizerKnowsTheWordsOfAllTimes(@TempDir Path folder) {
    TimelineFiles texts = TimelineFiles.of(2);
    texts.writeTokenizer(folder);
    Chronicle chronicle = new Chronicle(texts, folder);
    Tokenizer tokenizer = ChatData.tokenizer(folder, Optional.empty());
    for (int time : List.of(0, 6)) {
      assertThat(chronicle.data(time, 300).sequences())
          .allSatisfy(row -> assertThat(row.ids()).doesNotContain(0));
      List<Quiz> questions = chronicle.questions(time, 1_000);
      assertThat(questions).hasSize(160);
      assertThat(tokenizer.encode(questions.get(0).prompt(), true)).doesNotContain(0);
    }
    for (String letter : Quiz.OPTIONS) {
      assertThat(tokenizer.encode(letter, false)).hasSize(1).doesNotContain(0);
    }
  }

  /** Fewer are shown than there are letters; each choice is checked against the whole rows. */
  @Test
  @Tag("slow")
  void theExperimentGoesThroughAServer(@TempDir Path folder) {
    Path family = TinyFamily.write(folder.resolve("family"));
    Path output = folder.resolve("out");
    CliRun run =
        CliRun.of(
            new TorchEngine(),
            "experiment",
            "temporal",
            "--quick",
            "--json",
            "--family",
            family.toString(),
            "--output",
            output.toString());
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode values = run.json().path("values");
    JsonNode identity = values.path("identity");
    assertThat(identity.path("asked").asInt()).isEqualTo(12);
    assertThat(identity.path("same_choice").asInt())
        .isEqualTo(identity.path("all_letters_shown").asInt());
    JsonNode rows = values.path("rows");
    assertThat(rows).hasSize(9);
    for (JsonNode row : rows) {
      assertThat(row.path("changed_asked").asInt() + row.path("unchanged_asked").asInt())
          .isEqualTo(12);
    }
    assertThat(rows.path(6).path("dropped").asInt())
        .as("with one token shown")
        .isGreaterThanOrEqualTo(rows.path(2).path("dropped").asInt());
    assertThat(new Temporal().conclude(values).answer())
        .isEqualTo(run.json().path("answer").asText());
  }
}
