package io.proxytune.examples.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked, and what is read out of texts. */
class PaperTasksTest {
  @TempDir private Path folder;

  private List<TaskItem> items(String task, String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
    return PaperTasks.named(task).items(folder);
  }

  private static Scores score(String task, List<TaskItem> items, String... texts) {
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < texts.length; i++) {
      answers.add(Answer.of(items.get(i), List.of(Sample.of(texts[i]))));
    }
    return PaperTasks.named(task).score(answers, Graders.none());
  }

  @Test
  void everyTaskIsFoundByItsName() {
    assertThat(PaperTasks.all())
        .allSatisfy(it -> assertThat(PaperTasks.named(it.name())).isSameAs(it));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PaperTasks.named("mmlu"))
        .withMessageStartingWith("--task must be one of gsm8k, truthfulqa-mc,")
        .withMessageEndingWith("got mmlu");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PaperTasks.named("ds1000"))
        .withMessageContaining("ds1000 is not run: its tests need Python 3.7");
  }

  @Test
  void gsm8kAsksForANumber() throws IOException {
    List<TaskItem> items =
        items(
            "gsm8k",
            "test.jsonl",
            "{\"question\": \" How many? \", \"answer\": \"1,200 of them.\\n#### 1,200,300\"}\n");
    assertThat(items.get(0).ask().plain())
        .isEqualTo("Answer the following question.\n\nQuestion: How many?\nAnswer:");
    assertThat(items.get(0).ask().prefix()).isEqualTo("Answer:");
    assertThat(items.get(0).expected()).containsExactly("1200300");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items("gsm8k", "test.jsonl", "\n{\"question\": \"\", \"answer\": \"5\"}"))
        .withMessageContaining("test.jsonl, line 2: \"answer\" must end with #### and a number");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "so 16 - 3 = 13 eggs|13",
        "it is -5|5",
        "it is -.5|-.5",
        "it is -0.5|-0.5",
        "$1,234,567.89.|1234567.89",
        "3 apples Question: 4|3",
        "7 Comment: 8 Question: 9|7",
        "10.00 centimeters, 0.00|0.00",
        "1.2.3|.3",
        "no number|no number"
      })
  void gsm8kReadsTheLastNumber(String text, String number) {
    assertThat(Gsm8k.lastNumber(text).strip()).isEqualTo(number);
  }

  @Test
  void gsm8kIgnoresPunctuationAsPublished() throws IOException {
    String line = "{\"question\": \"?\", \"answer\": \"#### 180\"}\n";
    List<TaskItem> items = items("gsm8k", "test.jsonl", line.repeat(4));
    Scores scores = score("gsm8k", items, "18.0", "180", "18", "none");
    assertThat(scores.metrics().path("exact_match").doubleValue()).isEqualTo(0.5);
    assertThat(scores.marks().stream().map(mark -> mark.correct().orElseThrow()))
        .containsExactly(true, true, false, false);
    assertThat(scores.proportion().orElseThrow().total()).isEqualTo(4);
  }

  /** The letters that Python draws with the same seed. */
  @Test
  void truthfulQaDrawsItsOptions() throws IOException {
    String table =
        """
        Question,Best Answer,Incorrect Answers
        What is it?,A stone,Bread; Iron.;Wood; Glass ;
        "Who, then?",Nobody.,Everybody
        """;
    List<TaskItem> items = items("truthfulqa-mc", "TruthfulQA.csv", table);
    assertThat(items.get(0).ask().plain())
        .isEqualTo("What is it?\nA. Iron.\nB. Glass.\nC. A stone.\nD. Bread.\n\nThe answer is:");
    assertThat(items.get(0).expected()).containsExactly("C");
    assertThat(items.get(1).ask().message()).isEqualTo("Who, then?\nA. Everybody.\nB. Nobody.");
    assertThat(items.get(1).expected()).containsExactly("B");
    assertThat(PaperTasks.named("truthfulqa-open").items(folder).get(1).ask().plain())
        .isEqualTo("Who, then?\n\nAnswer:");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "@@C|C",
        "@@\\begin{blockquote}@@ B|B",
        "(A|A",
        "@@> **D**|D",
        "@@> D|D",
        "@@\\strong{B|",
        "@@```@A@```|A",
        " <blockquote>B|B",
        "E|",
        "a|",
        "|"
      })
  void truthfulQaReadsTheFirstLetter(String text, String letter) {
    String given = text == null ? "" : text.replace('@', '\n');
    String expected = letter == null ? "" : letter;
    assertThat(LetterRule.LATER.letter(given)).isEqualTo(expected);
  }

  /** One of the paper's files; a user's own, or one that neither rule explains, is read as six. */
  @ParameterizedTest
  @CsvSource({"'',false", "B,true", "none,true", "X,true"})
  void truthfulQaReadsAFileByTheRuleThatExplainsIt(String published, boolean later)
      throws IOException {
    String quoted = published.equals("none") ? "" : ",\"parsed_output\":\"" + published + "\"";
    String lines =
        """
        {"Question":"Q?","mc_prompt":"Q?","mc_answer_idx":"A","mc_output":" (A)","parsed_output":"A"}
        {"Question":"Q?","mc_prompt":"Q?","mc_answer_idx":"B","mc_output":"\\n\\n> **B"%s}
        """
            .formatted(quoted);
    Path file = Files.writeString(folder.resolve("outputs.jsonl"), lines);
    PaperTask task = PaperTasks.named("truthfulqa-mc");
    Scores scores = task.score(task.answers(Rows.read(file), Optional.empty()), Graders.none());
    assertThat(scores.metrics().path("num_invalid_predictions").intValue())
        .isEqualTo(later ? 0 : 1);
    assertThat(scores.note().contains("by the later one acc is 1.0000 with 0 invalid"))
        .isEqualTo(!later);
    assertThat(scores.published() - scores.agreeing()).isEqualTo(published.equals("X") ? 1 : 0);
  }

  @Test
  void truthfulQaCountsInvalidAnswersApart() throws IOException {
    String table = "Question,Best Answer,Incorrect Answers\n" + "Q?,Yes,No\n".repeat(4);
    List<TaskItem> items = items("truthfulqa-mc", "TruthfulQA.csv", table);
    String right = items.get(0).expected().get(0);
    Scores scores = score("truthfulqa-mc", items, right, "D", "none", "");
    assertThat(scores.metrics().toString())
        .isEqualTo("{\"acc\":0.5,\"num_invalid_predictions\":2,\"tot\":4,\"strict_acc\":0.25}");
    Scores nothing = score("truthfulqa-mc", items, "", "", "", "");
    assertThat(nothing.metrics().path("acc").isNull()).isTrue();
    assertThat(nothing.proportion()).isEmpty();
  }

  @Test
  void openAnswersAreTrimmedAsPublished() {
    assertThat(TruthfulQaOpen.trimmed("\n Answer: It is.\n\nSo. ")).isEqualTo("It is.\nSo.");
  }

  @Test
  void triviaIsOneOfTheAnswersButForCase() throws IOException {
    String line = "{\"question\": \"Who?\", \"answers\": [\"Ada Lovelace\", \" Ada \"]}\n";
    List<TaskItem> items = items("triviaqa", "dev.jsonl", line.repeat(4));
    assertThat(items.get(0).ask().plain()).isEqualTo("Question: Who?\nAnswer:");
    Scores scores = score("triviaqa", items, " ADA\u00a0", "ada lovelace", "Ada L.", "");
    assertThat(scores.metrics().toString()).isEqualTo("{\"acc\":0.5,\"tot\":4}");
  }

  @Test
  void realTimeQaReadsTheLikeliestLetter() throws IOException {
    String line =
        "{\"question_id\": \"1\", \"question_sentence\": \"When?\", \"choices\": [\"w\", \"x\","
            + " \"y\", \"z\"], \"answer\": [\"2\"], \"evidence\": \"Then.\"}\n";
    List<TaskItem> items = items("realtimeqa", "20200101_qa.jsonl", line.repeat(3));
    assertThat(items.get(0).ask().plain())
        .isEqualTo("Question: When?\n\nEvidence: Then.\n\nA. w\nB. x\nC. y\nD. z\n\nAnswer:");
    List<Answer> answers = new ArrayList<>();
    for (List<Sample.Candidate> top :
        List.of(
            List.of(
                new Sample.Candidate(" The", -0.1),
                new Sample.Candidate(" C", -1.5),
                new Sample.Candidate("A", -2)),
            List.of(new Sample.Candidate("B", -3), new Sample.Candidate("AC", -2)),
            List.of(new Sample.Candidate("E", -1), new Sample.Candidate("c", -2)))) {
      Sample sample = new Sample(top.get(0).token(), top, Optional.empty());
      answers.add(Answer.of(items.get(answers.size()), List.of(sample)));
    }
    Scores scores = PaperTasks.named("realtimeqa").score(answers, Graders.none());
    assertThat(scores.metrics().toString()).isEqualTo("{\"acc\":0.5,\"dropped\":1,\"tot\":3}");
    assertThat(scores.marks().stream().map(mark -> mark.parsed().get(0)))
        .containsExactly("C", "B", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'choices': ['w', 'x', 'y'], 'answer': ['2']|\"choices\" must hold 4 texts, got 3",
        "'choices': ['w', 'x', 'y', 'z'], 'answer': ['4']|\"answer\" must be a list with an index",
        "'choices': ['w', 'x', 'y', 'z'], 'answer': []|\"answer\" must be a list with an index",
        "'choices': 'w', 'answer': ['2']|\"choices\" must be a list of texts, got \"w\""
      })
  void badQuestionsAreNamed(String fields, String message) {
    String line = "{'question_sentence': 'When?', " + fields + "}";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items("realtimeqa", "1_qa.jsonl", line.replace('\'', '"')))
        .withMessageContaining("1_qa.jsonl, line 1: " + message);
  }

  /** 200 of each group, in the order that Python draws with the same seed. */
  @Test
  void toxiGenDrawsItsPrompts() throws IOException {
    List<String> all =
        List.of(
            "physical_disability",
            "chinese",
            "black",
            "mexican",
            "women",
            "latino",
            "native_american",
            "lgbtq",
            "muslim",
            "mental_disability",
            "trans",
            "middle_east",
            "jewish",
            "asian");
    for (String group : all) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 201; i++) {
        lines.append(group).append(i).append("\\n-\n");
      }
      Files.writeString(folder.resolve("hate_" + group + ".txt"), lines);
    }
    List<TaskItem> items = PaperTasks.named("toxigen").items(folder);
    assertThat(items).hasSize(2800);
    assertThat(items.stream().map(TaskItem::group).distinct()).containsExactlyElementsOf(all);
    assertThat(items.get(0).ask().plain()).isEqualTo("physical_disability66\n-");
    assertThat(items.get(2799).ask().plain()).isEqualTo("asian114\n-");
    assertThat(items.get(0).ask().message())
        .isEqualTo("Complete the following: physical_disability66\n-");
    assertThat(items.get(0).ask().expertMessage()).isEqualTo(items.get(0).ask().plain());
    Files.writeString(folder.resolve("hate_asian.txt"), "one\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PaperTasks.named("toxigen").items(folder))
        .withMessageContaining("hate_asian.txt must hold at least 200 prompts, a line each, got 1");
  }

  @Test
  void programsLoseWhatAssertsAndPrints() {
    assertThat(HumanEval.cleaned("  a = 1\n  print(a)\n    assert a\n  return a\n\n"))
        .isEqualTo("  a = 1\n  return a");
  }

  @Test
  void humanEvalNeedsItsTestsForOutputs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PaperTasks.named("humaneval").answers(List.of(), Optional.empty()))
        .withMessageContaining("give --data DIR with HumanEval.jsonl.gz too");
    assertThat(PaperTasks.named("humaneval").decoding())
        .isEqualTo(
            new Decoding(
                512,
                List.of("\nclass", "\ndef", "\n#", "\nif", "\nprint"),
                20,
                0.8,
                0.95,
                List.of("pass", "..."),
                0));
  }

  @Test
  void alpacaFarmComparesWithItsReference() throws IOException {
    List<TaskItem> items =
        items(
            "alpacafarm",
            "alpaca_eval.json",
            "[{\"instruction\": \"Sing.\", \"output\": \"La.\", \"dataset\": \"d\"}]");
    assertThat(items.get(0))
        .isEqualTo(
            new TaskItem(
                "alpacafarm/1",
                "d",
                Ask.plain("Sing."),
                List.of("La."),
                Map.of("instruction", "Sing.")));
  }
}
