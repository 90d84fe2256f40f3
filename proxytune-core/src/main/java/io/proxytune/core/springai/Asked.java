package io.proxytune.core.springai;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Constraint;
import io.proxytune.Tool;
import io.proxytune.core.adapter.ChatRequest;
import io.proxytune.core.adapter.ChatSettings;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;

/**
 * What a prompt asks for, over what the model has by default: immutable.
 *
 * @param own the prompt's options, if it has any
 * @param defaults the model's
 */
record Asked(@Nullable ChatOptions own, ChatOptions defaults) {
  /** The request in the library's terms. */
  ChatRequest request(Prompt prompt) {
    String model = value(ChatOptions::getModel);
    checkArgument(
        Objects.equals(model, defaults.getModel()),
        "this model is %s, and the prompt asks for %s: leave the name out, or make a model for each"
            + " tuner",
        defaults.getModel(),
        model);
    return new ChatRequest(
        prompt.getInstructions().stream().flatMap(SpringMessages::read).toList(),
        tools(),
        false,
        schema(own).or(() -> schema(defaults)).map(Constraint::jsonSchema),
        settings());
  }

  private static Optional<String> schema(@Nullable ChatOptions options) {
    return options instanceof StructuredOutputChatOptions structured
        ? Optional.ofNullable(structured.getOutputSchema()).filter(text -> !text.isBlank())
        : Optional.empty();
  }

  private List<Tool> tools() {
    List<Tool> asked = SpringMessages.tools(own);
    return asked.isEmpty() ? SpringMessages.tools(defaults) : asked;
  }

  private ChatSettings settings() {
    return new ChatSettings(
        value(ChatOptions::getTemperature),
        value(ChatOptions::getTopP),
        value(ChatOptions::getTopK),
        value(ChatOptions::getFrequencyPenalty),
        value(ChatOptions::getPresencePenalty),
        value(ChatOptions::getMaxTokens),
        value(ChatOptions::getStopSequences));
  }

  private <T> @Nullable T value(Function<ChatOptions, @Nullable T> field) {
    T said = own == null ? null : field.apply(own);
    return said == null ? field.apply(defaults) : said;
  }
}
