///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//REPOS mavenlocal,mavencentral
//DEPS io.proxytune:proxytune-core:0.1.0-SNAPSHOT
//DEPS org.slf4j:slf4j-simple:2.0.17
//RUNTIME_OPTIONS -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 --enable-native-access=ALL-UNNAMED

import io.proxytune.ChatMessage;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.TorchModels;
import java.nio.file.Path;

/** Asks a base that a small pair steers, and prints its answer as it is written. */
public final class Steered {
  private Steered() {}

  /**
   * Runs it.
   *
   * @param args the folder with the models, and a question
   */
  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println("give the folder with the models, and a question in quotes");
      System.exit(2);
    }
    Path models = Path.of(args[0]);
    Prompt question = Prompt.chat(ChatMessage.user(args[1]));
    try (LogitSource base = TorchModels.load(models.resolve("base"));
        LogitSource expert = TorchModels.load(models.resolve("expert"));
        LogitSource antiExpert = TorchModels.load(models.resolve("small"));
        ProxyTuner tuner =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build();
        TokenStream tokens =
            tuner.stream(question, GenerationOptions.defaults().withMaxNewTokens(40))) {
      for (Token token : tokens) {
        System.out.print(token.text());
        System.out.flush();
      }
      System.out.println();
    }
  }
}
