package io.proxytune.examples.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.examples.batch.BatchRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What lines of a file ask for, and what is right. */
class CheckersTest {
  @TempDir private Path folder;

  private static BatchRequest request(JsonNode line) {
    return new BatchRequest(
        line.path("id"), Prompt.of(line.path("prompt").asText()), GenerationOptions.defaults());
  }

  private QuestionFile read(String... lines) {
    try {
      Path file = Files.writeString(folder.resolve("q.jsonl"), String.join("\n", lines));
      Checkers checkers = new Checkers(CheckerKind.EXACT, Optional.empty());
      return QuestionFile.read("--data", file, CheckersTest::request, checkers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double score(String fields, String answer) {
    QuestionFile file = read("{\"prompt\": \"p\", " + fields + "}");
    assertThat(file.problems()).isEmpty();
    return file.questions().get(0).checker().score(Answer.written(answer, "end_of_text"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"expected\": \"Paris\"` | ` paris.` | 1",
        "`\"expected\": \"Paris\"` | `Paris is` | 0",
        "`\"expected\": [\"Paris\", \"Lutetia\"]` | `LUTETIA` | 1",
        "`\"expected\": \"\uff21 \uff22\"` | `a  b` | 1",
        "`\"expected\": \"paris\", \"checker\": \"contains\"` | `It is Paris, they say` | 1",
        "`\"expected\": \"an\", \"checker\": \"contains\"` | `a can` | 0",
        "`\"expected\": [\"a\", \"b\"], \"checker\": {\"kind\": \"contains\", \"all\": true}` | `a`"
            + " | 0",
        "`\"expected\": [\"a\", \"b\"], \"checker\": {\"kind\": \"contains\", \"all\": true}` | `b"
            + " a` | 1",
        "`\"expected\": \"^Par(is|ma)$\", \"checker\": \"regex\"` | `Parma` | 1",
        "`\"expected\": \"^Par(is|ma)$\", \"checker\": \"regex\"` | `Parmas` | 0",
        "`\"expected\": 1200, \"checker\": \"number\"` | `3 times 400 is 1,200.` | 1",
        "`\"expected\": \"1200.0\", \"checker\": \"number\"` | `$1200` | 1",
        "`\"expected\": 1200, \"checker\": \"number\"` | `1200 or 1300` | 0",
        "`\"expected\": -0.5, \"checker\": \"number\"` | `\u2212.5` | 1",
        "`\"expected\": 5, \"checker\": \"number\"` | `x5` | 0",
        "`\"expected\": 5, \"checker\": \"number\"` | `none` | 0",
        "`\"expected\": 3.14, \"checker\": {\"kind\": \"number\", \"tolerance\": 0.01}` | `3.15` |"
            + " 1",
        "`\"expected\": 3.14, \"checker\": {\"kind\": \"number\", \"tolerance\": 0.01}` | `3.16` |"
            + " 0",
      })
  void answersAreScored(String fields, String answer, double score) {
    assertThat(score(fields, answer)).isEqualTo(score);
  }

  @ParameterizedTest
  @CsvSource({"1", "'\"B\"'", "'\"b\"'", "'\"green\"'"})
  void theRightOptionIsNamedInThreeWays(String answer) {
    Question question =
        read("{\"prompt\": \"p\", \"options\": [\" blue\", \" green\"], \"answer\": "
                + answer
                + "}")
            .questions()
            .get(0);
    assertThat(question.checker().score(Answer.chosen(1, " green"))).isEqualTo(1);
    assertThat(question.checker().score(Answer.chosen(0, " blue"))).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`[1]` | it must be a JSON object, got [1]",
        "`{` | it is no JSON, ",
        "`{\"expected\": \"x\"}` | it has neither a \"prompt\" nor \"messages\"",
        "`{\"prompt\": \"p\"}` | \"expected\" must be a text that is not blank, or a list of such,"
            + " got nothing",
        "`{\"prompt\": \"p\", \"expected\": []}` | \"expected\" is an empty list",
        "`{\"prompt\": \"p\", \"expected\": [\" \"]}` | \"expected\" must be a text that is not"
            + " blank",
        "`{\"prompt\": \"p\", \"expected\": \"x\", \"answer\": 1}` | \"answer\" belongs to"
            + " \"options\"",
        "`{\"prompt\": \"p\", \"expected\": \"x\", \"task\": 1}` | \"task\" must be a text, got 1",
        "`{\"prompt\": \"p\", \"expected\": \"x\", \"checker\": \"like\"}` | \"checker\" must be"
            + " one of exact, contains, regex, number, command",
        "`{\"prompt\": \"p\", \"expected\": \"x\", \"checker\": {\"kind\": \"exact\", \"all\":"
            + " true}}` | the checker exact has no \"all\"",
        "`{\"prompt\": \"p\", \"expected\": \"(\", \"checker\": \"regex\"}` | \"expected\" is no"
            + " regular expression: Unclosed group",
        "`{\"prompt\": \"p\", \"expected\": \"x\", \"checker\": \"number\"}` | \"expected\" holds"
            + " no number, got \"x\"",
        "`{\"prompt\": \"p\", \"expected\": 1, \"checker\": {\"kind\": \"number\", \"tolerance\":"
            + " -1}}` | \"tolerance\" must be a number from 0 on, got -1",
        "`{\"prompt\": \"p\", \"checker\": \"command\"}` | its checker is a command, and none was"
            + " given",
        "`{\"prompt\": \"p\", \"options\": [\"a\"], \"answer\": 0}` | \"options\" must be a list of"
            + " at least two texts",
        "`{\"prompt\": \"p\", \"options\": [\"a\", \"\"], \"answer\": 0}` | \"options\" must be"
            + " texts that are not empty",
        "`{\"prompt\": \"p\", \"options\": [\"a\", \"b\"], \"answer\": 2}` | of one of the 2"
            + " options, got 2",
        "`{\"prompt\": \"p\", \"options\": [\"a\", \"b\"], \"answer\": \"C\"}` | of one of the 2"
            + " options, got \"C\"",
        "`{\"prompt\": \"p\", \"options\": [\"a\", \"b\"]}` | of one of the 2 options, got nothing",
        "`{\"prompt\": \"p\", \"options\": [\"a\", \"b\"], \"answer\": 0, \"expected\": \"a\"}` |"
            + " with \"options\" the right one is \"answer\"",
      })
  void badLinesAreNamedAndTheOthersGoOn(String line, String why) {
    QuestionFile file = read("", line, "{\"prompt\": \"p\", \"expected\": \"x\"}");
    assertThat(file.questions()).extracting(Question::line).containsExactly(3L);
    assertThat(file.problems())
        .singleElement()
        .extracting(QuestionFile.Problem::line)
        .isEqualTo(2L);
    assertThat(file.problems().get(0).why()).contains(why);
  }

  @Test
  void aFileWithoutAnyGoodLineIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("[", "[]"))
        .withMessageContaining("has no line that can be done: line 1: it is no JSON");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("", " "))
        .withMessageContaining("holds no questions");
  }

  @Test
  void aRegularExpressionThatNeverEndsIsLeft() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                score(
                    "\"expected\": \"(.*)(.*)(.*)(.*)(.*)(.*)z\", \"checker\": \"regex\"",
                    "a".repeat(60)))
        .withMessageContaining("looked at an answer of 60 characters more than");
  }
}
