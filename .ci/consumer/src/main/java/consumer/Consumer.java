package consumer;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.core.TorchModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes three tiny checkpoints, steers one with the others, and checks what comes out. */
public final class Consumer {
  private static final int NEW_TOKENS = 12;

  private Consumer() {}

  /**
   * Runs it.
   *
   * @param args a folder for the checkpoints, and what to call this run
   */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    expect(Consumer.class.getModule().isNamed() == args[1].equals("module path"), "wrong path");
    try (LogitSource base = load(folder.resolve("base"), 1);
        LogitSource expert = load(folder.resolve("expert"), 2);
        LogitSource antiExpert = load(folder.resolve("anti-expert"), 3);
        ProxyTuner alone = ProxyTuner.builder().base(base).build();
        ProxyTuner tuner =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build();
        ProxyTuner unsteered =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).alpha(0).build()) {
      Generation steered = generate(tuner);
      expect(steered.tokenIds().size() == NEW_TOKENS, "too few tokens: " + steered);
      expect(!steered.text().isBlank(), "no text: " + steered);
      expect(
          generate(unsteered).tokenIds().equals(generate(alone).tokenIds()),
          "alpha 0 differs from the base alone");
      System.out.println("on the " + args[1] + ": " + steered.text());
    }
  }

  private static LogitSource load(Path folder, long seed) throws IOException {
    Checkpoint.write(folder, seed);
    return TorchModels.load(folder);
  }

  private static Generation generate(ProxyTuner tuner) {
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(NEW_TOKENS).withIgnoreEndOfText(true);
    return tuner.generate("once upon a time", options);
  }

  private static void expect(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }
}
