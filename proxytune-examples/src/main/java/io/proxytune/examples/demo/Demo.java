package io.proxytune.examples.demo;

import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.examples.evaluation.Evaluation;
import io.proxytune.examples.evaluation.EvaluationResult;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.evaluation.ModelAnswerer;
import io.proxytune.examples.evaluation.SystemId;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Systems;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Display;
import io.proxytune.examples.report.TextWriter;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Shows proxy-tuning on the family that ships. For one thread. */
public final class Demo {
  static final List<SystemId> SHOWN =
      List.of(SystemId.BASE, SystemId.EXPERT, SystemId.PROXY, SystemId.DIRECT);
  private static final int ITEMS_A_TASK = 10;

  private final CommandContext context;
  private final Display display;
  private final PrintStream out;

  public Demo(CommandContext context) {
    this(context, Display.of(context.terminal()));
  }

  Demo(CommandContext context, Display display) {
    this.context = context;
    this.display = display;
    this.out = context.terminal().out();
  }

  /** Runs it, or says how to make a family where there is none. */
  public void run() {
    Optional<FamilyFolder> family = FamilyFolder.find(null);
    if (family.isPresent()) {
      show(family.get());
    } else {
      explain();
    }
  }

  private void explain() {
    say(
        "ProxyTune steers a large language model (base) while it decodes, by what tuning changed in"
            + " a small one: logits = base + α · (expert - anti-expert).");
    say(
        "This demonstration needs a family of small models, and there is none in "
            + String.join(", ", FamilyFolder.searched())
            + ". Make one, on two cores in less than an hour:");
    out.println("  train-family --out proxytune-examples/family");
    out.println();
    say("With models of your own, see: generate --help. All commands: --help.");
  }

  private void say(String text) {
    TextWriter.wrap(text, display.width()).forEach(out::println);
    out.println();
  }

  private void show(FamilyFolder family) {
    ItemSet set = ItemSet.read("test", family.data("test"));
    say(
        "ProxyTune steers a large language model (base) while it decodes, by what tuning changed in"
            + " a small one: logits = base + α · (expert - anti-expert), here with α = 1. The models"
            + " are small, and know a made-up world; none was tuned on what is asked here.");
    try (Systems systems = Systems.open(context, family, false)) {
      ask(systems, set, Task.PROFILE, "A question about the world.");
      ask(systems, set, Task.REFUSAL, "A request that should be refused.");
      say(legend());
      measure(systems, set.limit(ITEMS_A_TASK));
    }
    say("All test questions: evaluate. Other strengths: sweep. More: experiment --help, --help.");
  }

  private String legend() {
    String mark = display.styled() ? "Bold and underlined" : "In [brackets]";
    return mark
        + ": the token that proxy-tuning said where the base, given the same text, would have said"
        + " another. <end> is the end token, ... a text that was cut off.";
  }

  private void ask(Systems systems, ItemSet set, Task task, String title) {
    Optional<Item> item = set.items().stream().filter(it -> it.task() == task).findFirst();
    if (item.isEmpty()) {
      return;
    }
    say(title + " User: " + item.get().prompt());
    List<ModelAnswerer> answerers = SHOWN.stream().map(id -> systems.answerer(id, 1)).toList();
    List<Voice> voices =
        answerers.stream().map(answerer -> new Voice(answerer, item.get().prompt())).toList();
    try {
      context
          .cancellation()
          .cancellingWith(
              () -> voices.forEach(Voice::cancel),
              () -> {
                new Stage(out, display).show(voices);
                return voices;
              });
    } finally {
      voices.forEach(Voice::close);
      answerers.forEach(ModelAnswerer::close);
    }
    context.cancellation().throwIfRequested();
    out.println();
  }

  private void measure(Systems systems, ItemSet items) {
    List<SystemResult> marks = new ArrayList<>();
    long steps = (long) SHOWN.size() * items.items().size();
    String message = items.items().get(0).prompt();
    DemoTable table = new DemoTable();
    try (WorkBar bar = new WorkBar(context, false, "measure", steps)) {
      Evaluation evaluation = new Evaluation(items, bar);
      for (SystemId id : SHOWN) {
        try (ModelAnswerer answerer = systems.answerer(id, 1)) {
          marks.add(evaluation.of(answerer));
          table.speed(id, StepCost.tokensPerSecond(answerer, message));
        }
      }
    }
    int[] prompt = systems.base().tokenizer().orElseThrow().encode(message, true);
    table.step("base", StepCost.milliseconds(systems.base(), prompt));
    table.step("expert", StepCost.milliseconds(systems.expert(), prompt));
    table.step("anti-expert", StepCost.milliseconds(systems.antiExpert(), prompt));
    EvaluationResult result = new EvaluationResult(items.name(), 1, marks);
    TextWriter.lines(table.report(result, items.items().size()), display.width())
        .forEach(out::println);
    out.println();
  }
}
