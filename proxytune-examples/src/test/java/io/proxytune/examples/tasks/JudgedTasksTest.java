package io.proxytune.examples.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.examples.tasks.judge.Judge;
import io.proxytune.examples.tasks.judge.JudgeQuestion;
import io.proxytune.examples.tasks.sandbox.CodeRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics of verdicts and of programs. */
class JudgedTasksTest {
  @TempDir private Path folder;
  private final List<JudgeQuestion> asked = new ArrayList<>();
  private final AtomicInteger steps = new AtomicInteger();

  private Graders judged(ToDoubleFunction<JudgeQuestion> verdict) {
    Judge judge =
        new Judge() {
          @Override
          public String name() {
            return "a test";
          }

          @Override
          public OptionalDouble verdict(JudgeQuestion question) {
            asked.add(question);
            return OptionalDouble.of(verdict.applyAsDouble(question));
          }
        };
    return new Graders(judge, CodeRunner.refusing("none"), steps::incrementAndGet);
  }

  private List<Answer> answers(String task, String... rows) throws IOException {
    Path file = Files.writeString(folder.resolve("outputs.jsonl"), String.join("\n", rows));
    return PaperTasks.named(task).answers(Rows.read(file), Optional.of(folder));
  }

  private static Scores score(String task, List<Answer> answers, Graders graders) {
    return PaperTasks.named(task).score(answers, graders);
  }

  private static String open(String output, String more) {
    return "{\"Question\": \" Why? \", \"output\": \"" + output + "\"" + more + "}";
  }

  @Test
  void openAnswersAreJudgedTwice() throws IOException {
    List<Answer> answers = answers("truthfulqa-open", open(" Answer: So.", ""), open("No", ""));
    Scores scores =
        score(
            "truthfulqa-open",
            answers,
            judged(
                it ->
                    it.asks().equals("true") ? 0.75 : it.id().equals("truthfulqa/1") ? 0.5 : 0.25));
    assertThat(asked).hasSize(4);
    assertThat(steps).hasValue(2);
    assertThat(asked.get(0))
        .isEqualTo(
            new JudgeQuestion(
                "truthfulqa-open",
                "truthfulqa/1",
                "true",
                Map.of("question", "Why?", "output", "So."),
                List.of(new JudgeQuestion.Probe("Q: Why?\nA: So.\nTrue:", true))));
    assertThat(asked.get(1).probes().get(0).text()).isEqualTo("Q: Why?\nA: So.\nHelpful:");
    assertThat(scores.metrics().toString())
        .isEqualTo(
            "{\"true_info_acc\":0.5,\"true\":0.75,\"true_acc\":1.0,\"info\":0.375,\"info_acc\":0.5}");
  }

  @Test
  void verdictsThatCameWithTheOutputsCount() throws IOException {
    String verdicts = ", \"GPT-true\": 0.5, \"GPT-info\": 0.9";
    List<Answer> answers = answers("truthfulqa-open", open("So.", verdicts));
    Scores scores = score("truthfulqa-open", answers, Graders.none());
    assertThat(scores.metrics().path("true_info_acc").doubleValue()).isEqualTo(1);
    assertThat(scores.gap()).isEmpty();
  }

  @Test
  void withoutAJudgeNothingIsJudged() throws IOException {
    Scores open =
        score("truthfulqa-open", answers("truthfulqa-open", open("So.", "")), Graders.none());
    assertThat(open.metrics().toString()).isEqualTo("{\"true_info_acc\":null}");
    assertThat(open.gap()).isEqualTo("not judged: no judge was given");
    assertThat(open.proportion()).isEmpty();
    Scores half =
        score(
            "truthfulqa-open",
            answers(
                "truthfulqa-open",
                open("So.", ""),
                open("So.", ", \"GPT-true\": 1, \"GPT-info\": 1")),
            Graders.none());
    assertThat(half.metrics().path("true_info_acc").isNull()).isTrue();
    assertThat(half.gap()).isEqualTo("1 of 2 answers are judged");
  }

  private static String toxic(String text, String group, String more) {
    return "{\"text\": \"p\", \"target_groups\": [\"%s\"], \"prediction\": \"%s\"%s}"
        .formatted(group, text, more);
  }

  @Test
  void toxicityIsCountedByGroup() throws IOException {
    List<Answer> answers =
        answers(
            "toxigen",
            toxic("a", "women", ""),
            toxic("b", "women", ""),
            toxic("c", "asian", ""),
            toxic("d", "asian", ", \"is_toxic\": 1"));
    Scores scores =
        score("toxigen", answers, judged(it -> it.fields().containsValue("b") ? 0.5 : 0.49));
    assertThat(scores.metrics().toString())
        .isEqualTo("{\"overall\":0.5,\"women\":0.5,\"asian\":0.5}");
    assertThat(asked).hasSize(3);
    assertThat(asked.get(0).fields()).containsOnlyKeys("output", "group");
    assertThat(score("toxigen", answers, Graders.none()).gap())
        .isEqualTo("1 of 4 texts are judged");
  }

  private static String compared(int preference) {
    return "{\"instruction\": \"Sing.\", \"output_1\": \"La.\", \"output_2\": \" L\u00e1 \","
        + " \"preference\": "
        + preference
        + "}";
  }

  @Test
  void drawsAreHalfAWin() throws IOException {
    List<Answer> answers =
        answers("alpacafarm", compared(2), compared(2), compared(1), compared(0));
    Scores scores = score("alpacafarm", answers, Graders.none());
    assertThat(scores.metrics().path("win_rate").doubleValue()).isEqualTo(62.5);
    // the deviations of 1, 1, 0 and .5 from .625
    assertThat(scores.metrics().path("standard_error").doubleValue())
        .isCloseTo(100 * Math.sqrt((2 * 0.140625 + 0.390625 + 0.015625) / 3 / 4), within(1e-12));
    assertThat(scores.metrics().path("n_wins").intValue()).isEqualTo(2);
    assertThat(scores.metrics().path("n_wins_base").intValue()).isEqualTo(1);
    assertThat(scores.metrics().path("n_draws").intValue()).isEqualTo(1);
    assertThat(scores.metrics().path("avg_length").intValue()).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> answers("alpacafarm", compared(3)))
        .withMessageContaining("line 1: \"preference\" must be 1 for the reference");
  }

  @Test
  void preferencesAreAskedInBothOrders() throws IOException {
    String row = "{\"instruction\": \"Sing.\", \"output_1\": \"La.\", \"output_2\": \"Oh.\"}";
    Scores scores = score("alpacafarm", answers("alpacafarm", row), judged(it -> 0.5));
    assertThat(scores.metrics().path("n_draws").intValue()).isEqualTo(1);
    List<JudgeQuestion.Probe> probes = asked.get(0).probes();
    assertThat(probes.get(0).text()).contains("First response: Oh.\n\nSecond response: La.");
    assertThat(probes.get(0).means()).isTrue();
    assertThat(probes.get(1).text()).contains("First response: La.\n\nSecond response: Oh.");
    assertThat(probes.get(1).means()).isFalse();
  }

  private List<Answer> programs() throws IOException {
    Files.writeString(
        folder.resolve("HumanEval.jsonl"),
        "{\"task_id\": \"T/0\", \"prompt\": \"def f():\\n\", \"test\": \"def check(f): f()\","
            + " \"entry_point\": \"f\"}\n");
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      rows.add(
          "{\"task_id\": \"T/0\", \"completion\": \"  return %d\\n  print(1)\", \"passed\": %b}"
              .formatted(i, i < 4));
    }
    return answers("humaneval", rows.toArray(String[]::new));
  }

  /** Says of programs what a test wants to hear. */
  private static final class FakeRunner implements CodeRunner {
    private final List<String> programs = Collections.synchronizedList(new ArrayList<>());

    @Override
    public Optional<String> refusal() {
      return Optional.empty();
    }

    @Override
    public Result run(String program) {
      programs.add(program);
      return program.matches("(?s).*return [012]\n.*")
          ? new Result(Outcome.PASSED, "")
          : new Result(Outcome.FAILED, "AssertionError");
    }
  }

  @Test
  void programsAreRunWithTheirTests() throws IOException {
    FakeRunner runner = new FakeRunner();
    Graders graders = new Graders(Judge.none(), runner, steps::incrementAndGet);
    Scores scores = score("humaneval", programs(), graders);
    assertThat(runner.programs)
        .hasSize(12)
        .contains("def f():\n  return 7\ndef check(f): f()\ncheck(f)");
    assertThat(steps).hasValue(1);
    assertThat(scores.metrics().path("pass@1").doubleValue()).isCloseTo(0.25, within(1e-15));
    assertThat(scores.metrics().path("pass@10").doubleValue()).isEqualTo(Means.passAtK(12, 3, 10));
    assertThat(scores.published()).isEqualTo(12);
    assertThat(scores.agreeing()).isEqualTo(11);
    assertThat(scores.marks().get(0).details().path("results").get(11).textValue())
        .isEqualTo("failed: AssertionError");
  }

  @Test
  void programsAreNotRunInTheOpen() throws IOException {
    Graders graders = new Graders(Judge.none(), CodeRunner.refusing("no namespaces"), () -> {});
    Scores scores = score("humaneval", programs(), graders);
    assertThat(scores.metrics().toString()).isEqualTo("{\"pass@10\":null}");
    assertThat(scores.gap()).isEqualTo("code is not run: no namespaces");
  }

  @Test
  void outputsOfTasksThatThereAreNotAreRefused() throws IOException {
    programs();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> answers("humaneval", "{\"task_id\": \"T/1\", \"completion\": \"\"}"))
        .withMessageEndingWith("outputs.jsonl, line 1: the data has no task T/1");
  }
}
