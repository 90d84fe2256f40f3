package io.proxytune.examples.tasks;

import com.google.common.collect.Streams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** GSM8K (Cobbe et al. 2021, arXiv 2110.14168), zero-shot: the last number of the text. */
final class Gsm8k implements PaperTask {
  private static final List<String> ENDS =
      List.of("Answer the following question", "Question:", "Comment:");
  private static final Pattern COMMA =
      Pattern.compile("(\\d),(\\d)", Pattern.UNICODE_CHARACTER_CLASS);

  /** A sign counts before a decimal point alone, as published. */
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?\\d*\\.\\d+|\\d+", Pattern.UNICODE_CHARACTER_CLASS);

  private static final Pattern PUNCTUATION = Pattern.compile("[!-/:-@\\[-`{-~]");

  @Override
  public String name() {
    return "gsm8k";
  }

  @Override
  public String title() {
    return "GSM8K";
  }

  @Override
  public String metric() {
    return "exact match of the last number";
  }

  /** The published code cuts finished texts there; a text that stops there is the same. */
  @Override
  public Decoding decoding() {
    return Decoding.greedy(512, ENDS.toArray(String[]::new));
  }

  @Override
  public List<TaskItem> items(Path data) {
    List<Row> rows = Rows.read(Rows.find(data, "test.jsonl"));
    return Streams.mapWithIndex(rows.stream(), (row, i) -> item(row, i + 1)).toList();
  }

  private static TaskItem item(Row row, long number) {
    String[] parts = row.text("answer").split("####", -1);
    row.check(parts.length >= 2, "\"answer\" must end with #### and a number");
    return item(row.text("question"), withoutCommas(PythonText.strip(parts[1])), number);
  }

  private static TaskItem item(String question, String answer, long number) {
    String message = "Answer the following question.\n\nQuestion: " + PythonText.strip(question);
    Ask ask = Ask.of(message + "\nAnswer:", message, "Answer:");
    return new TaskItem("gsm8k/" + number, "", ask, List.of(answer), Map.of("question", question));
  }

  @Override
  public List<Answer> answers(List<Row> outputs, Optional<Path> data) {
    List<Answer> answers = new ArrayList<>();
    for (Row row : outputs) {
      TaskItem item = item(row.text("question"), row.text("answer"), answers.size() + 1);
      Sample text = Sample.read(row.text("model_output"), row.textIfAny("prediction"));
      answers.add(Answer.of(item, List.of(text)));
    }
    return answers;
  }

  @Override
  public Scores score(List<Answer> answers, Graders graders) {
    return Scores.accuracy("exact_match", answers.stream().map(Gsm8k::mark).toList());
  }

  private static Mark mark(Answer answer) {
    String number = lastNumber(answer.first().text());
    String expected = answer.item().expected().get(0);
    return Mark.of(answer, number, normal(number).equals(normal(expected)));
  }

  /** What a text answers: its last number, or all of it where it has none. */
  static String lastNumber(String text) {
    String kept = withoutCommas(PythonText.before(text, ENDS));
    String last = kept;
    for (Matcher number = NUMBER.matcher(kept); number.find(); ) {
      last = number.group();
    }
    return last;
  }

  private static String withoutCommas(String text) {
    return COMMA.matcher(text).replaceAll("$1$2");
  }

  /** Case and punctuation are ignored, points too: 18.0 is 180, as published. */
  private static String normal(String text) {
    return PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
  }
}
