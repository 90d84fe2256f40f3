package io.proxytune.examples;

import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.demo.Demo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What runs where no command is named: the demonstration. */
@Command(
    name = "proxytune",
    description = {
      "Steers a large language model (base) while it decodes, by what tuning changed in a small"
          + " one: logits = base + alpha * (expert - anti-expert).",
      "Without a command: a demonstration on the models that ship."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    footer = {
      "",
      "It takes Hugging Face checkpoint folders. Expert and anti-expert are a small",
      "model tuned and untuned; all share the base's vocabulary.",
      "",
      "Examples:",
      "  generate --base models/llama-2-13b --expert models/llama-2-7b-chat",
      "           --anti-expert models/llama-2-7b --chat --prompt \"Why blue?\"",
      "  generate --base models/llama-2-13b --prompt \"Once\" --temperature 0.8",
      "  choose   --base models/llama-2-13b --prompt \"The capital of France is\"",
      "           --option \" Paris\" --option \" Lyon\"",
      "  inspect  models/llama-2-13b",
      "",
      "From the sources:",
      "  mvn -q compile exec:java -Dexec.args=\"generate --base DIR --prompt 'TEXT'\"",
      "All options of a command: generate --help"
    })
final class RootCommand implements Callable<Integer> {
  private final App app;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  RootCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    new Demo(app).run();
    return 0;
  }
}
