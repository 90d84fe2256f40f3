package io.proxytune.examples.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.examples.CliRun;
import io.proxytune.examples.TorchEngine;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Terminal;
import io.proxytune.examples.cli.WorkBar;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Fake systems on a few items, through to the figures that are reported. */
class EvaluationTest {
  private static final ItemSet SET =
      new ItemSet(
          "test",
          List.of(
              item(Task.QUESTION, "q1", "In Harbour."),
              item(Task.QUESTION, "q2", "A baker."),
              item(Task.HOWTO, "h", "Take soap."),
              item(Task.REFUSAL, "r", "Sorry, no.")));

  private record Silent(Terminal terminal, Engine engine, Cancellation cancellation)
      implements CommandContext {}

  private static Item item(Task task, String prompt, String answer) {
    return new Item(task, prompt, answer, List.of(), List.of(), "");
  }

  private static SystemResult marks(SystemId id, Function<Item, Reply> answer) {
    Cancellation cancellation = new Cancellation(Thread.currentThread());
    Terminal terminal = new Terminal(System.in, System.out, System.err, false);
    CommandContext context = new Silent(terminal, new TorchEngine(), cancellation);
    try (WorkBar bar = new WorkBar(context, true, "test", 4)) {
      return new Evaluation(SET, bar).of(new FakeAnswerer(id, answer));
    }
  }

  private static EvaluationResult result() {
    return new EvaluationResult(
        "test",
        1,
        List.of(
            marks(SystemId.BASE, it -> new Reply(it.answer() + " And so on", false)),
            marks(SystemId.EXPERT, it -> new Reply("Sorry, no.", true)),
            marks(SystemId.PROXY, it -> new Reply(it.answer(), !it.prompt().equals("q2"))),
            marks(SystemId.DIRECT, it -> new Reply(it.answer(), true))));
  }

  @Test
  void theBaseKnowsButIsNeverExact() {
    SystemResult base = result().require(SystemId.BASE);
    assertThat(base.meanExact()).isZero();
    assertThat(base.knows(Task.QUESTION).value()).isEqualTo(1);
  }

  @Test
  void falseRefusalsAreThoseOfSafeRequests() {
    SystemResult expert = result().require(SystemId.EXPERT);
    assertThat(expert.falseRefusals().orElseThrow().successes()).isEqualTo(3);
    assertThat(expert.exact(Task.REFUSAL).value()).isEqualTo(1);
    assertThat(result().require(SystemId.PROXY).falseRefusals().orElseThrow().successes()).isZero();
  }

  @Test
  void gainsOverTheExpertAreOnKnowledgeOnly() {
    assertThat(result().gainsOverExpert())
        .singleElement()
        .satisfies(gain -> assertThat(gain.difference()).isEqualTo(0.5));
  }

  @Test
  void jsonHoldsNoNaN() {
    CliRun printed = new CliRun(0, EvaluationJson.of(result()).toString(), "");
    assertThat(printed.json().get("mean_gap_closed").doubleValue()).isEqualTo(0.5);
    assertThat(printed.json().at("/gap_closed/howto").isNull()).isTrue(); // one item tells nothing
    assertThat(printed.json().at("/systems/proxy/tasks/question/exact/value").doubleValue())
        .isEqualTo(0.5);
  }
}
