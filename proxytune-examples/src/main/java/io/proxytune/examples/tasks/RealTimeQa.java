package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.statistics.Proportion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * RealTime QA (Kasai et al. 2022, arXiv 2207.13332) with evidence, for a base that shows no more
 * than its five likeliest tokens: the letter among these that is likeliest once they are steered.
 */
final class RealTimeQa implements PaperTask {
  private static final String LETTERS = "ABCD";
  private static final int TOP = 5;

  @Override
  public String name() {
    return "realtimeqa";
  }

  @Override
  public String title() {
    return "RealTime QA";
  }

  @Override
  public String metric() {
    return "accuracy where a letter is among the base's five likeliest tokens";
  }

  @Override
  public Decoding decoding() {
    return Decoding.greedy(1).withTop(TOP);
  }

  /** All weekly files in the order of their names, which is that of time. */
  @Override
  public List<TaskItem> items(Path data) {
    List<TaskItem> items = new ArrayList<>();
    for (Path file : files(data)) {
      for (Row row : Rows.read(file)) {
        items.add(item(row, items.size() + 1));
      }
    }
    return items;
  }

  private static List<Path> files(Path data) {
    List<Path> files = Files.isDirectory(data) ? weekly(data) : List.of();
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          "--data " + data + " must be a folder that holds weekly files such as 20220617_qa.jsonl");
    }
    return files;
  }

  private static List<Path> weekly(Path data) {
    try (Stream<Path> all = Files.list(data)) {
      return all.filter(file -> file.toString().endsWith("_qa.jsonl")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("--data " + data + " can't be read: " + e.getMessage(), e);
    }
  }

  /** Question, evidence, options: the order is the paper's, the words between are ours. */
  private static TaskItem item(Row row, int number) {
    List<String> choices = row.texts("choices");
    row.check(choices.size() == 4, "\"choices\" must hold 4 texts, got %s", choices.size());
    String question = row.text("question_sentence");
    StringBuilder text = new StringBuilder("Question: " + question);
    row.textIfAny("evidence")
        .filter(it -> !it.isBlank())
        .ifPresent(it -> text.append("\n\nEvidence: ").append(it));
    text.append('\n');
    for (int i = 0; i < choices.size(); i++) {
      text.append('\n').append(LETTERS.charAt(i)).append(". ").append(choices.get(i));
    }
    Ask ask = Ask.of(text + "\n\nAnswer:", text.toString(), "Answer:");
    String id = row.textIfAny("question_id").orElse("realtimeqa/" + number);
    return new TaskItem(id, "", ask, List.of(answer(row)), Map.of("question", question));
  }

  private static String answer(Row row) {
    JsonNode answer = row.json().path("answer").path(0);
    row.check(
        answer.asText().matches("[0-3]"),
        "\"answer\" must be a list with an index from 0 to 3, got %s",
        JsonText.show(row.json().path("answer")));
    int index = answer.asInt();
    return LETTERS.substring(index, index + 1);
  }

  /** Rows of the weekly files with {@code top}: {@code [{"token": " A", "logprob": -0.5}, …]}. */
  @Override
  public List<Answer> answers(List<Row> outputs, Optional<Path> data) {
    List<Answer> answers = new ArrayList<>();
    for (Row row : outputs) {
      List<Sample.Candidate> top = new ArrayList<>();
      for (JsonNode each : row.json().path("top")) {
        row.check(
            each.path("token").isTextual() && each.path("logprob").isNumber(),
            "\"top\" must hold objects with token and logprob, got %s",
            JsonText.show(each));
        top.add(
            new Sample.Candidate(
                each.path("token").textValue(), each.path("logprob").doubleValue()));
      }
      row.check(!top.isEmpty(), "\"top\" is missing: the likeliest tokens");
      Sample sample = new Sample(top.get(0).token(), top, Optional.empty());
      answers.add(Answer.of(item(row, answers.size() + 1), List.of(sample)));
    }
    return answers;
  }

  @Override
  public Scores score(List<Answer> answers, Graders graders) {
    List<Mark> marks = answers.stream().map(RealTimeQa::mark).toList();
    int dropped = (int) marks.stream().filter(mark -> mark.correct().isEmpty()).count();
    int kept = marks.size() - dropped;
    int right = Scores.right(marks);
    Scores scores = new Scores(marks).metric("acc", (double) right / kept);
    if (kept > 0) {
      scores.of(new Proportion(right, kept));
    }
    return scores.count("dropped", dropped).count("tot", marks.size());
  }

  private static Mark mark(Answer answer) {
    String letter = letter(answer.first().top());
    Optional<Boolean> correct =
        letter.isEmpty()
            ? Optional.empty()
            : Optional.of(letter.equals(answer.item().expected().get(0)));
    return new Mark(answer, List.of(letter), correct, JsonNodeFactory.instance.objectNode());
  }

  /** The likeliest token that is a letter, with or without a blank; empty if none is. */
  static String letter(List<Sample.Candidate> top) {
    String best = "";
    double logprob = Double.NEGATIVE_INFINITY;
    for (Sample.Candidate each : top) {
      String token = PythonText.strip(each.token());
      if (token.length() == 1 && LETTERS.contains(token) && each.logprob() > logprob) {
        best = token;
        logprob = each.logprob();
      }
    }
    return best;
  }
}
