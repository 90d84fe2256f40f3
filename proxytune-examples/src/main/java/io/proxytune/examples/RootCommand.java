package io.proxytune.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/** What runs where no command is named: a guide. */
@Command(
    name = "proxytune",
    description = "Steers a large language model while it decodes, with two small ones.",
    mixinStandardHelpOptions = true,
    versionProvider = RootCommand.Version.class)
final class RootCommand implements Callable<Integer> {
  private static final String GUIDE =
      """
      ProxyTune steers a large language model (base) while it decodes, by what tuning changed in
      a small one: logits = base + alpha * (expert - anti-expert).

      It needs Hugging Face checkpoint folders with config.json, tokenizer.json and
      *.safetensors. Expert and anti-expert are a small model tuned and untuned; all
      share the base's vocabulary.

      Commands
        generate       write text, steered or not
        score          how likely a text is
        choose         the likeliest of several answers
        inspect        what a checkpoint folder holds
        world          the texts of a made-up world to train and test on
        pretrain       a new, small model from plain text
        tune           a checkpoint tuned on conversations, or a LoRA adapter
        train-family   the whole miniature family

      Examples
        generate --base models/llama-2-13b --expert models/llama-2-7b-chat
                 --anti-expert models/llama-2-7b --chat --prompt "Why is the sky blue?"
        generate --base models/llama-2-13b --prompt "Once upon a time" --temperature 0.8 --seed 42
        choose   --base models/llama-2-13b --prompt "The capital of France is"
                 --option " Paris" --option " Lyon"
        inspect  models/llama-2-13b

      From the sources:  mvn -q compile exec:java -Dexec.args="generate --base DIR --prompt 'TEXT'"
      All options of a command:  generate --help
      """;

  private final App app;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  RootCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    PrintStream out = app.terminal().out();
    out.print(GUIDE);
    return 0;
  }

  /** The version that the build wrote into a resource. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties properties = new Properties();
      try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
        properties.load(in);
      }
      return new String[] {"proxytune " + properties.getProperty("version")};
    }
  }
}
