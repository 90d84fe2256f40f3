package io.proxytune.examples.tasks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * TriviaQA (Joshi et al. 2017, arXiv 1705.03551), without context: the text is one of the answers.
 */
final class TriviaQa implements PaperTask {
  @Override
  public String name() {
    return "triviaqa";
  }

  @Override
  public String title() {
    return "TriviaQA";
  }

  @Override
  public String metric() {
    return "the text is one of the answers, but for case";
  }

  /** The published code stops at the last token of a blank line, which is the line end's. */
  @Override
  public Decoding decoding() {
    return Decoding.greedy(20, "\n");
  }

  @Override
  public List<TaskItem> items(Path data) {
    List<TaskItem> items = new ArrayList<>();
    for (Row row : Rows.read(Rows.find(data, "dev.jsonl"))) {
      items.add(item(row, items.size() + 1));
    }
    return items;
  }

  private static TaskItem item(Row row, int number) {
    String question = row.text("question");
    String plain = "Question: " + question + "\nAnswer:";
    return new TaskItem(
        "triviaqa/" + number,
        "",
        Ask.plain(plain),
        row.texts("answers"),
        Map.of("question", question));
  }

  @Override
  public List<Answer> answers(List<Row> outputs, Optional<Path> data) {
    List<Answer> answers = new ArrayList<>();
    for (Row row : outputs) {
      Sample text = Sample.of(row.text("output"));
      answers.add(Answer.of(item(row, answers.size() + 1), List.of(text)));
    }
    return answers;
  }

  @Override
  public Scores score(List<Answer> answers, Graders graders) {
    return Scores.accuracy("acc", answers.stream().map(TriviaQa::mark).toList())
        .count("tot", answers.size());
  }

  private static Mark mark(Answer answer) {
    String said = PythonText.strip(answer.first().text());
    boolean right =
        answer.item().expected().stream().map(TriviaQa::normal).anyMatch(normal(said)::equals);
    return Mark.of(answer, said, right);
  }

  private static String normal(String text) {
    return PythonText.strip(text).toLowerCase(Locale.ROOT);
  }
}
