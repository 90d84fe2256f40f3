package io.proxytune.core;

import io.proxytune.ChatMessage;
import io.proxytune.CheckpointException;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenStream;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Uses most of the library on one thread, and closes all; one stream is left in its midst. */
public final class ApplicationProgram implements UnaryOperator<String> {
  private static final Prompt PROMPT = Prompt.of("w1");

  /** Works with the family and the tokenizers below a folder of resources. */
  @Override
  public String apply(String resources) {
    Path trio = Path.of(resources, "golden", "models", "trio");
    LoadingProgram.endWhenIdle();
    try (LogitSource base = TorchModels.load(trio.resolve("base"));
        LogitSource expert = TorchModels.load(trio.resolve("expert"));
        LogitSource antiExpert = TorchModels.load(trio.resolve("anti-expert"));
        ProxyTuner tuner =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build()) {
      return "did: "
          + texts(tuner)
          + " "
          + tuner.score(PROMPT, " w2").tokens().size()
          + " "
          + chat(Path.of(resources, "tokenizer-folders", "llama-bare"))
          + " "
          + refusal();
    }
  }

  private static boolean texts(ProxyTuner tuner) {
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(3).withIgnoreEndOfText(true);
    TokenStream stream = tuner.stream(PROMPT, options);
    stream.iterator().next();
    stream.cancel();
    return tuner
        .generateAsync(PROMPT, options)
        .join()
        .text()
        .equals(tuner.generate(PROMPT, options).text());
  }

  private static int chat(Path folder) {
    return CheckpointTokenizer.open(folder)
        .renderChat(List.of(ChatMessage.user("hi")), true, Map.of())
        .length();
  }

  /** Its message shows a value of a file's. */
  private static String refusal() {
    try {
      Path file = Files.createTempDirectory("refused").resolve("tokenizer.json");
      Files.writeString(file, "[1.5]");
      try {
        return "opened " + CheckpointTokenizer.open(file.getParent()).vocabularySize();
      } catch (CheckpointException e) {
        return e.getMessage().contains("got [1.5]") ? "refused" : e.getMessage();
      } finally {
        Files.delete(file);
        Files.delete(file.getParent());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
