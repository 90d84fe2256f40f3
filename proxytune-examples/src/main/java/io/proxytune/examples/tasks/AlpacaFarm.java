package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.tasks.judge.JudgeQuestion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * AlpacaFarm (Dubois et al. 2023, arXiv 2305.14387): how often a text is preferred to a reference.
 */
final class AlpacaFarm implements PaperTask {
  private static final String PREFERRED = "preferred";

  @Override
  public String name() {
    return "alpacafarm";
  }

  @Override
  public String title() {
    return "AlpacaFarm";
  }

  @Override
  public String metric() {
    return "win rate in percent, draws half";
  }

  @Override
  public Decoding decoding() {
    return Decoding.greedy(2048, "\n\nComment:");
  }

  @Override
  public List<TaskItem> items(Path data) {
    List<TaskItem> items = new ArrayList<>();
    for (Row row : Rows.read(Rows.find(data, "alpaca_eval.json", "alpaca_eval.jsonl"))) {
      items.add(item(row, row.text("output"), items.size() + 1));
    }
    return items;
  }

  private static TaskItem item(Row row, String reference, int number) {
    String instruction = row.text("instruction");
    String group = row.textIfAny("dataset").orElse("");
    Map<String, String> fields = Map.of("instruction", instruction);
    return new TaskItem(
        "alpacafarm/" + number, group, Ask.plain(instruction), List.of(reference), fields);
  }

  /** Annotations: {@code output_1} is the reference's, {@code output_2} is judged. */
  @Override
  public List<Answer> answers(List<Row> outputs, Optional<Path> data) {
    List<Answer> answers = new ArrayList<>();
    for (Row row : outputs) {
      Map<String, Double> verdicts = new HashMap<>();
      row.numberIfAny("preference").ifPresent(it -> verdicts.put(PREFERRED, verdict(row, it)));
      TaskItem item = item(row, row.text("output_1"), answers.size() + 1);
      answers.add(new Answer(item, List.of(Sample.of(row.text("output_2"))), verdicts));
    }
    return answers;
  }

  private static double verdict(Row row, double preference) {
    row.check(
        preference == 0 || preference == 1 || preference == 2,
        "\"preference\" must be 1 for the reference, 2 for the text or 0 for a draw, got %s",
        preference);
    return preference == 0 ? 0.5 : preference - 1;
  }

  @Override
  public Scores score(List<Answer> answers, Graders graders) {
    List<Mark> marks = new ArrayList<>();
    for (Answer answer : answers) {
      String text = PythonText.strip(answer.first().text());
      OptionalDouble verdict = graders.verdict(answer, question(answer, text));
      ObjectNode details = JsonNodeFactory.instance.objectNode();
      verdict.ifPresent(value -> details.put("win", value > 0.5 ? 1 : value < 0.5 ? 0 : 0.5));
      marks.add(new Mark(answer, List.of(text), Optional.empty(), details));
      graders.step().run();
    }
    return scores(marks);
  }

  /** For a language model in both orders, since it favours one place. */
  private static JudgeQuestion question(Answer answer, String text) {
    String instruction = answer.item().field("instruction");
    String reference = answer.item().expected().get(0);
    return new JudgeQuestion(
        "alpacafarm",
        answer.item().id(),
        PREFERRED,
        Map.of("instruction", instruction, "output", text, "reference", reference),
        List.of(
            new JudgeQuestion.Probe(compared(instruction, text, reference), true),
            new JudgeQuestion.Probe(compared(instruction, reference, text), false)));
  }

  private static String compared(String instruction, String first, String second) {
    return "Instruction: %s\n\nFirst response: %s\n\nSecond response: %s\n\n"
            .formatted(instruction, first, second)
        + "Is the first response better than the second? Answer yes or no.\nAnswer:";
  }

  private static Scores scores(List<Mark> marks) {
    Scores scores = new Scores(marks);
    long judged = marks.stream().filter(mark -> mark.details().has("win")).count();
    if (judged < marks.size()) {
      String why =
          judged == 0 ? Graders.NOT_JUDGED : judged + " of " + marks.size() + " texts are judged";
      return scores.missing("win_rate", why);
    }
    double[] wins =
        marks.stream().mapToDouble(it -> it.details().path("win").doubleValue()).toArray();
    return scores
        .metric("win_rate", Means.mean(wins) * 100)
        .metric("standard_error", Means.standardError(wins) * 100)
        .count("n_wins", count(wins, 1))
        .count("n_wins_base", count(wins, 0))
        .count("n_draws", count(wins, 0.5))
        .count("n_total", wins.length)
        .count("avg_length", length(marks));
  }

  private static int count(double[] wins, double value) {
    return (int) Arrays.stream(wins).filter(win -> win == value).count();
  }

  /** In characters, as Python counts them, without the fraction. */
  private static int length(List<Mark> marks) {
    return (int)
        marks.stream()
            .mapToInt(mark -> mark.parsed().get(0).codePointCount(0, mark.parsed().get(0).length()))
            .average()
            .orElse(0);
  }
}
