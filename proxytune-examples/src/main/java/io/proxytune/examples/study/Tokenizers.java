package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is lost where a pair has a tokenizer of its own. */
final class Tokenizers implements Study {
  private static final String SAME = "the base's words";

  /** The text that the family's small model read in 1,500, in more tokens. */
  private static final int STEPS = 2_500;

  /** As many chats as the family's expert read in 130. */
  private static final int TUNING_STEPS = 220;

  @Override
  public Plan plan() {
    return new Plan(
        "tokenizers",
        "How much of the gap does a pair close that was trained with a tokenizer of its own?",
        "Two pairs steer the base at α = 1: the family's, which reads the base's tokens, one for"
            + " each word; and a pair of the same size, trained from random weights on the same"
            + " texts in pieces of words (byte-pair encoding, 320 tokens, punctuation merged into"
            + " them), which steers across tokenizers with 32 of the base's tokens looked up. The"
            + " difference to the family's pair is of mean exact match on the same questions.",
        "The family: a base of 5.2 million weights, small model and expert of 0.5 million, and the"
            + " directly tuned base as the yardstick; a small model and an expert trained for the"
            + " study, in 2,500 and 220 steps in place of 1,500 and 130, since the same text has"
            + " 1.7 times as many pieces as words.",
        "Nothing. Up to 20 questions of each task of the test set.",
        "Vocabularies beyond one of words and one of pieces, tokenizers that split a text at"
            + " other places than spaces, and languages but English. One pair of one world, models"
            + " that a person would call tiny. The two experts are not equally good by themselves:"
            + " their own marks stand beside.");
  }

  private static Map<String, Pull> pulls(Laboratory lab) {
    Made small = lab.inPieces(320, STEPS);
    Map<String, Pull> all = new LinkedHashMap<>();
    all.put(SAME, Pull.of(Made.Shipped.EXPERT, Made.Shipped.SMALL, 1));
    all.put("pieces of words", Pull.of(lab.tuned(small, TUNING_STEPS), small, 1));
    return all;
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    Map<String, Pull> pulls = pulls(lab);
    SystemResult same = lab.marks(mix(pulls.get(SAME)), Use.TEST);
    pulls.forEach(
        (name, pull) -> {
          Measured steered = lab.measure(mix(pull), Use.TEST);
          ObjectNode row = rows.addObject().put("tokens", name);
          row.put("expert_exact", lab.marks(Mix.alone(pull.expert()), Use.TEST).meanExact());
          row.set("gap", Values.of(lab.gap(mix(pull), Use.TEST)));
          row.set("exact", Values.exact(steered.result()));
          row.set("against_same", Values.of(Contrast.of(steered.result(), same)));
        });
    return values;
  }

  private static Mix mix(Pull pull) {
    return Mix.of(Made.Shipped.BASE, pull);
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> gaps = new ArrayList<>();
    String difference = "";
    for (JsonNode row : values.path("rows")) {
      String tokens = row.path("tokens").asText();
      gaps.add("in %s %s".formatted(tokens, Values.text(row.path("gap"))));
      if (!tokens.equals(SAME)) {
        difference =
            "Mean exact match in %s less that in %s: %s."
                .formatted(tokens, SAME, Values.difference(row.path("against_same")));
      }
    }
    return new Conclusion(
        "Gap closed: %s. %s".formatted(String.join("; ", gaps), difference),
        List.of(table(values)));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Gap closed on the test set, and exact match by task",
            List.of(
                "the pair's tokens",
                "gap closed",
                "expert alone",
                "question",
                "profile",
                "howto",
                "refusal",
                "unseen",
                "sentiment"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("tokens").asText(),
          Values.text(row.path("gap")),
          Figures.fraction(row.path("expert_exact").asDouble()),
          exact(row, "question"),
          exact(row, "profile"),
          exact(row, "howto"),
          exact(row, "refusal"),
          exact(row, "refusal-unseen"),
          exact(row, "sentiment"));
    }
    return table;
  }

  private static String exact(JsonNode row, String task) {
    return Figures.fraction(row.path("exact").path(task).asDouble(Double.NaN));
  }
}
