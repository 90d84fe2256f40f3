package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;

/** What is lost where a pair has a tokenizer of its own. */
final class Tokenizers implements Study {
  private static final String SAME = "the base's words";
  private static final String PIECES = "pieces of words";
  private static final int READ = 1_500;

  /** The text that the family's small model read in 1,500, in more tokens. */
  private static final int STEPS = 2_500;

  /** As many chats as the family's expert read in 130. */
  private static final int TUNING_STEPS = 220;

  @Override
  public Plan plan() {
    return new Plan(
        "tokenizers",
        "How much of the gap does a pair close that was trained with a tokenizer of its own?",
        "Two pairs of each seed steer the base at α = 1: one that reads the base's tokens, one for"
            + " each word; and one of the same size, trained from random weights on the same texts"
            + " in pieces of words (byte-pair encoding, 320 tokens, punctuation merged into them),"
            + " which steers across tokenizers with 32 of the base's tokens looked up. The"
            + " difference between the two is of mean exact match on the same questions.",
        "The family's base of 5.2 million weights, and the directly tuned base as the yardstick;"
            + " small models and experts of 0.5 million of new seeds, in 1,500 and 130 steps with"
            + " words, and in 2,500 and 220 with pieces, since the same text has 1.7 times as many"
            + " pieces as words.",
        "Nothing. Up to 20 questions of each task of the test set. An earlier run had one seed, and"
            + " the family's pair for words.",
        "Vocabularies beyond one of words and one of pieces, tokenizers that split a text at"
            + " other places than spaces, and languages but English. One base of one world, models"
            + " that a person would call tiny. The two experts are not equally good by themselves:"
            + " their own marks stand beside. The interval over seeds takes them as drawn from a"
            + " normal distribution.");
  }

  private static Pull pull(Laboratory lab, String tokens, long seed) {
    Made small = tokens.equals(SAME) ? lab.small(seed, READ) : lab.inPieces(320, seed, STEPS);
    Made expert = tokens.equals(SAME) ? lab.expert(small) : lab.tuned(small, TUNING_STEPS);
    return Pull.of(expert, small, 1);
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    for (String tokens : List.of(SAME, PIECES)) {
      rows.add(row(lab, tokens));
    }
    return values;
  }

  private static ObjectNode row(Laboratory lab, String tokens) {
    Tally tally = new Tally();
    Tally byTask = new Tally();
    for (long seed : lab.seeds()) {
      Pull pull = pull(lab, tokens, seed);
      SystemResult steered = lab.marks(mix(pull), Use.TEST);
      double same = lab.marks(mix(pull(lab, SAME, seed)), Use.TEST).meanExact();
      tally.add("expert_exact", lab.marks(Mix.alone(pull.expert()), Use.TEST).meanExact());
      tally.add("gap", lab.gap(mix(pull), Use.TEST).mean());
      tally.add("against_same", steered.meanExact() - same);
      steered.tasks().forEach(task -> byTask.add(task.id(), steered.exact(task).value()));
    }
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("tokens", tokens);
    tally.putMeans(row, "gap", "against_same");
    byTask.putMeans(row.putObject("exact"));
    return row;
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
        "Gap closed, mean over seeds: %s. %s".formatted(String.join("; ", gaps), difference),
        List.of(table(values)));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Gap closed on the test set, and exact match by task, means over seeds",
            List.of(
                "the pair's tokens",
                "gap closed",
                "of each seed",
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
          Values.each(row.path("gap")),
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
