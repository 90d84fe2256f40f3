package io.proxytune.examples.tasks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What both forms of TruthfulQA (Lin et al. 2021, arXiv 2109.07958) share: the published table. */
final class TruthfulQa {
  static final String FILE = "TruthfulQA.csv";
  static final String QUESTION = "Question";
  private static final String LETTERS = "ABCD";

  private TruthfulQa() {}

  /**
   * A question with its options.
   *
   * @param text the question, and an option a line
   * @param answer the letter of the best answer
   */
  record Options(String text, String answer) {}

  static TaskItem open(Row row, int number) {
    String question = row.text(QUESTION);
    Ask ask = Ask.of(question + "\n\nAnswer:", question, "Answer:");
    return new TaskItem(id(number), "", ask, List.of(), Map.of("question", question));
  }

  static TaskItem choice(Row row, int number, Options options) {
    Ask ask = Ask.of(options.text + "\n\nThe answer is:", options.text, "The answer is:");
    Map<String, String> fields = Map.of("question", row.text(QUESTION));
    return new TaskItem(id(number), "", ask, List.of(options.answer), fields);
  }

  private static String id(int number) {
    return "truthfulqa/" + number;
  }

  /**
   * The best answer and up to three wrong ones in the order that the paper drew: one generator,
   * seeded with 42, for all questions in turn.
   */
  static Options options(Row row, PythonRandom random) {
    String best = closed(PythonText.strip(row.text("Best Answer")));
    List<String> wrong = split(row.text("Incorrect Answers"));
    row.check(!best.isEmpty() && !wrong.isEmpty(), "it needs a best answer and a wrong one");
    List<String> options = new ArrayList<>(List.of(best));
    options.addAll(random.sample(wrong, Math.min(3, wrong.size())));
    random.shuffle(options);
    StringBuilder text = new StringBuilder(row.text(QUESTION));
    for (int i = 0; i < options.size(); i++) {
      text.append('\n').append(LETTERS.charAt(i)).append(". ").append(options.get(i));
    }
    int answer = options.lastIndexOf(best);
    return new Options(text.toString(), LETTERS.substring(answer, answer + 1));
  }

  private static List<String> split(String answers) {
    return Stream.of(answers.split(";", -1))
        .map(PythonText::strip)
        .filter(answer -> !answer.isEmpty())
        .map(TruthfulQa::closed)
        .toList();
  }

  private static String closed(String answer) {
    return answer.isEmpty() || answer.endsWith(".") ? answer : answer + ".";
  }
}
