package io.proxytune.core.prompt;

import io.proxytune.ChatTemplateException;
import io.proxytune.Prompt;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.message.ChatRendering;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Refuses tools that no model would be told of. */
public final class ToolPlace {
  private ToolPlace() {}

  /**
   * Checks that a chat template that is read has a place for the prompt's tools.
   *
   * @param prompt the prompt
   * @param ensemble the models
   * @throws ChatTemplateException if there are tools, and no such template
   */
  public static void require(Prompt prompt, Ensemble ensemble) {
    if (prompt.tools().isEmpty()) {
      return;
    }
    boolean told =
        Stream.concat(
                Stream.of(ensemble.base()), ensemble.pairs().stream().flatMap(SteeringPair::roles))
            .filter(role -> prompt.textFor(role.role(), role.pair()).isEmpty())
            .filter(role -> prompt.usesChatTemplate(role.role(), ensemble.steered()))
            .anyMatch(role -> role.textTokenizer().filter(it -> tells(it, prompt)).isPresent());
    if (!told) {
      throw new ChatTemplateException(
          "the prompt has tools, and no model would be told of them: give it a conversation, and a"
              + " chat template that has a place for tools to a role that reads it"
              + " (Prompt.withChatTemplateFor)");
    }
  }

  private static boolean tells(Tokenizer tokenizer, Prompt prompt) {
    Prompt without = prompt.withTools(List.of());
    return tokenizer.hasChatTemplate()
        && !rendered(tokenizer, prompt).equals(rendered(tokenizer, without));
  }

  /** A template that refuses a conversation with or without tools knows of them too. */
  private static Optional<String> rendered(Tokenizer tokenizer, Prompt prompt) {
    try {
      return Optional.of(ChatRendering.of(prompt, tokenizer));
    } catch (ChatTemplateException e) {
      return Optional.empty();
    }
  }
}
