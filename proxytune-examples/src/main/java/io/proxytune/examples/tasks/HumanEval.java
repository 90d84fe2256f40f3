package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.tasks.sandbox.CodeRunner.Outcome;
import io.proxytune.examples.tasks.sandbox.CodeRunner.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** HumanEval (Chen et al. 2021, arXiv 2107.03374): programs that pass their tests. */
final class HumanEval implements PaperTask {
  private static final int[] KS = {1, 10};

  @Override
  public String name() {
    return "humaneval";
  }

  @Override
  public String title() {
    return "HumanEval";
  }

  @Override
  public String metric() {
    return "pass@10 of 20 programs";
  }

  @Override
  public Decoding decoding() {
    List<String> stops = List.of("\nclass", "\ndef", "\n#", "\nif", "\nprint");
    return new Decoding(512, stops, 20, 0.8, 0.95, List.of("pass", "..."), 0);
  }

  @Override
  public boolean runsPrograms() {
    return true;
  }

  @Override
  public List<TaskItem> items(Path data) {
    return Rows.read(Rows.find(data, "HumanEval.jsonl", "HumanEval.jsonl.gz")).stream()
        .map(HumanEval::item)
        .toList();
  }

  private static TaskItem item(Row row) {
    String prompt = row.text("prompt");
    Map<String, String> fields =
        Map.of("prompt", prompt, "test", row.text("test"), "entry_point", row.text("entry_point"));
    return new TaskItem(row.text("task_id"), "", Ask.plain(prompt), List.of(), fields);
  }

  /** A row a program, with the tests of the data. */
  @Override
  public List<Answer> answers(List<Row> outputs, Optional<Path> data) {
    if (data.isEmpty()) {
      throw new IllegalArgumentException(
          "outputs of HumanEval hold no tests: give --data DIR with HumanEval.jsonl.gz too");
    }
    Map<String, TaskItem> items =
        items(data.get()).stream().collect(Collectors.toMap(TaskItem::id, item -> item));
    Map<TaskItem, List<Sample>> samples = new LinkedHashMap<>();
    for (Row row : outputs) {
      TaskItem item = items.get(row.text("task_id"));
      row.check(item != null, "the data has no task %s", row.text("task_id"));
      samples.computeIfAbsent(item, it -> new ArrayList<>()).add(sample(row));
    }
    return samples.entrySet().stream()
        .map(entry -> Answer.of(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static Sample sample(Row row) {
    Optional<String> passed =
        row.json().path("passed").isBoolean()
            ? Optional.of(row.json().path("passed").booleanValue() ? "passed" : "failed")
            : Optional.empty();
    return Sample.read(row.text("completion"), passed);
  }

  @Override
  public Scores score(List<Answer> answers, Graders graders) {
    Optional<String> refusal = graders.runner().refusal();
    if (refusal.isPresent()) {
      List<Mark> marks = answers.stream().map(HumanEval::notRun).toList();
      return new Scores(marks).missing("pass@10", "code is not run: " + refusal.get());
    }
    List<Mark> marks = new ProgramRuns(graders).all(answers, HumanEval::mark, HumanEval::program);
    return scores(marks);
  }

  private static Mark notRun(Answer answer) {
    List<String> programs = answer.samples().stream().map(it -> cleaned(it.text())).toList();
    return new Mark(answer, programs, Optional.empty(), JsonNodeFactory.instance.objectNode());
  }

  private static String program(TaskItem item, Sample sample) {
    return item.field("prompt")
        + cleaned(sample.text())
        + "\n"
        + item.field("test")
        + "\ncheck("
        + item.field("entry_point")
        + ")";
  }

  private static Mark mark(Answer answer, List<Result> results) {
    List<String> parsed = new ArrayList<>();
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    ArrayNode reasons = JsonNodeFactory.instance.arrayNode();
    for (Result result : results) {
      parsed.add(result.outcome() == Outcome.PASSED ? "passed" : "failed");
      reasons.add(
          result.outcome().name().toLowerCase(Locale.ROOT)
              + (result.detail().isEmpty() ? "" : ": " + result.detail()));
    }
    details.put("passed", passed(parsed)).set("results", reasons);
    return new Mark(answer, parsed, Optional.empty(), details);
  }

  private static int passed(List<String> parsed) {
    return (int) parsed.stream().filter("passed"::equals).count();
  }

  private static Scores scores(List<Mark> marks) {
    Scores scores = new Scores(marks);
    for (int k : new int[] {KS[1], KS[0]}) {
      if (marks.stream().allMatch(mark -> mark.parsed().size() >= k)) {
        scores.metric("pass@" + k, passAt(marks, k));
      }
    }
    return scores;
  }

  private static double passAt(List<Mark> marks, int k) {
    return Means.mean(
        marks.stream()
            .mapToDouble(it -> Means.passAtK(it.parsed().size(), passed(it.parsed()), k))
            .toArray());
  }

  /** What is kept of a text: no line that asserts or prints. */
  static String cleaned(String text) {
    return PythonText.rstrip(
        Stream.of(text.split("\n", -1))
            .filter(line -> !PythonText.strip(line).startsWith("assert"))
            .filter(line -> !PythonText.strip(line).startsWith("print"))
            .collect(Collectors.joining("\n")));
  }
}
