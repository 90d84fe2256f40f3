package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import io.proxytune.examples.world.Workshop;
import java.util.List;
import java.util.Map;

/** Whether a small model that learnt a formal language teaches it to a base that never saw it. */
final class DomainAdaptation implements Study {
  private static final Trial.Steps STEPS = new Trial.Steps(600, 300);
  private static final int SAMPLES = 20;
  private static final int QUICK_SAMPLES = 10;
  private static final Map<String, String> METRICS =
      ImmutableMap.of(Programs.PASS_1, Programs.PASS_1, Programs.PASS_10, Programs.PASS_10);

  @Override
  public Plan plan() {
    return new Plan(
        "domain",
        "Does a small model that was trained further on a formal language bring a base to write"
            + " it?",
        "The language of a workshop: a specification names two or three things with what is wrong"
            + " with them (\"chair shabby dull, kettle dirty?\"), and a program mends it all"
            + " (\"mend chair glue, wash chair brush, polish kettle vinegar, colour chair"
            + " varnish.\"). A checker runs it: each statement needs the tool that fits the thing's"
            + " material and a flaw that is there; repairing leaves dirt, nothing is decorated that"
            + " is shabby or dirty, nothing protected that has another flaw. The texts of the"
            + " language speak of 15 of the 25 things; of the others only the world's plain"
            + " sentences tell which tools they take. No model is told the specification in another"
            + " way, and none reads a chat template. 20 programs of each job at temperature 0.8 and"
            + " top-p 0.95, as the paper samples HumanEval; pass@k is the unbiased estimate.",
        "The family's base of 5.2 million weights, which has seen none of the language, and its"
            + " small model of 0.5 million, the anti-expert. The expert is the small model trained"
            + " further on 8,000 texts of the language for %s steps of 1,024 positions, the yardstick"
                .formatted(STEPS.expert())
            + " the base trained on the same for %s steps. A seed is another order of training,"
                .formatted(STEPS.direct())
            + " other texts and jobs, and other things that the texts speak of.",
        "Steps of training, and that programs of the texts do one thing after the other, by hand on"
            + " the development jobs of seed 1; α is 1, as in the paper. Nothing on the test jobs,"
            + " of which no specification is in the texts or in the development set.",
        "What a base learns that is tuned for as long as it gains: for time, the yardstick had half"
            + " the steps of the expert, so that a gap closed is one to a weak yardstick and says"
            + " less than the scores. Languages as rich as a programming language, bases that have"
            + " seen some of it, as those of the paper had, and other seeds of base and"
            + " anti-expert. The interval over seeds takes them as drawn from a normal"
            + " distribution.");
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    for (long seed : lab.seeds()) {
      Programs programs =
          new Programs(lab.some(Workshop.of(seed).test()), lab.isQuick() ? QUICK_SAMPLES : SAMPLES);
      rows.add(new Trial(lab, Subject.WORKSHOP, seed, STEPS, programs).row());
    }
    TrialTables.sumUp(values, rows);
    return values;
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    JsonNode mean = values.path("mean");
    String answer =
        "Gap closed, mean over seeds: %s of pass@1 and %s of pass@10. %s %s"
            .formatted(
                Values.text(mean.path("gap").path(Programs.PASS_1)),
                Values.text(mean.path("gap").path(Programs.PASS_10)),
                scores(mean, Workshop.SEEN),
                scores(mean, Workshop.UNSEEN));
    return new Conclusion(
        answer,
        List.of(
            TrialTables.systems(
                "How likely one of k programs is right, means over seeds", mean, METRICS),
            TrialTables.seeds(values.path("rows"), METRICS)));
  }

  private static String scores(JsonNode mean, String kind) {
    return "Jobs about %s, pass@1: base %s, expert alone %s, steered %s, tuned directly %s; pass@10: %s, %s, %s and %s."
        .formatted(
            kind,
            TrialTables.score(mean, "base", Programs.PASS_1, kind),
            TrialTables.score(mean, "expert", Programs.PASS_1, kind),
            TrialTables.score(mean, "steered", Programs.PASS_1, kind),
            TrialTables.score(mean, "direct", Programs.PASS_1, kind),
            TrialTables.score(mean, "base", Programs.PASS_10, kind),
            TrialTables.score(mean, "expert", Programs.PASS_10, kind),
            TrialTables.score(mean, "steered", Programs.PASS_10, kind),
            TrialTables.score(mean, "direct", Programs.PASS_10, kind));
  }
}
