package io.proxytune.examples.server;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Tokenizer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code /v1/chat/completions}: the next turn of a conversation. */
final class ChatEndpoint implements Endpoint {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String TOOLS = "tools";
  private static final String VARIABLES = "chat_template_kwargs";

  private static final String NO_CONSTRAINTS =
      "what a model writes can't be bound to a form yet: ask for it in a message";

  private final TextService service;
  private final @Nullable List<Role> templateRoles;
  private final int usualTokens;

  /**
   * Answers conversations.
   *
   * @param templateRoles who reads the chat template; null for what is usual
   * @param usualTokens the longest answer where a request does not say
   */
  ChatEndpoint(TextService service, @Nullable List<Role> templateRoles, int usualTokens) {
    this.service = service;
    this.templateRoles = templateRoles;
    this.usualTokens = usualTokens;
  }

  @Override
  public void answer(Call call) throws IOException {
    Fields fields = Fields.parse(call.body());
    try (TunerCache.Lease lease = service.lease(fields)) {
      Report report = report(fields);
      refuseForms(fields);
      Prompt prompt = prompt(fields, lease.steered());
      GenerationOptions options = service.options(fields, maxTokens(fields), report);
      TextRequest request =
          new TextRequest(
              service.name(fields),
              List.of(prompt),
              List.of(Optional.empty()),
              service.count(fields, 1),
              options,
              true,
              report,
              fields.flag("stream"),
              service.streamsUsage(fields));
      fields.checkAllTaken();
      service.run(request, ChatForm::new, lease, call);
    }
  }

  private static Report report(Fields fields) {
    boolean logprobs = fields.flag("logprobs");
    Optional<Integer> top = fields.integer("top_logprobs", 0, TextService.MAX_ALTERNATIVES);
    if (top.isPresent() && !logprobs) {
      throw ApiException.bad("top_logprobs", "'top_logprobs' needs \"logprobs\": true");
    }
    return new Report(logprobs, top.orElse(0), fields.flag(TextService.STEERING));
  }

  private int maxTokens(Fields fields) {
    Optional<Integer> older = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
    return fields
        .integer("max_completion_tokens", 1, Integer.MAX_VALUE)
        .or(() -> older)
        .orElse(usualTokens);
  }

  private static void refuseForms(Fields fields) {
    fields
        .object("response_format")
        .ifPresent(
            format -> {
              Optional<String> type = Fields.of(format).text("type");
              if (!type.equals(Optional.of("text"))) {
                throw ApiException.unsupported(
                    "response_format",
                    "'response_format' %s is not supported: %s",
                    type.orElse("without a type"),
                    NO_CONSTRAINTS);
              }
            });
    fields.refuse("functions", "use 'tools'");
    fields.refuse("function_call", "use 'tools'");
    fields.refuse("audio", "answers are text");
    fields.refuse("prediction", "it would change nothing but the speed");
    fields.refuse("web_search_options", "nothing is looked up");
    fields
        .list("modalities")
        .filter(list -> list.size() != 1 || !list.get(0).asText().equals("text"))
        .ifPresent(
            list -> {
              throw ApiException.unsupported(
                  "modalities", "answers are text, got 'modalities' %s", Fields.brief(list));
            });
    fields.ignore(List.of("parallel_tool_calls", "verbosity", "reasoning_effort"));
  }

  private Prompt prompt(Fields fields, boolean steered) {
    JsonNode list =
        fields
            .list("messages")
            .filter(it -> !it.isEmpty())
            .orElseThrow(
                () -> ApiException.bad("messages", "'messages' must be a list, not empty"));
    List<ChatMessage> messages = ChatMessages.read(list);
    Prompt prompt = Prompt.chat(messages);
    if (templateRoles != null) {
      prompt = prompt.withChatTemplateFor(templateRoles.toArray(Role[]::new));
    }
    Map<String, Object> variables =
        fields.object(VARIABLES).map(ChatEndpoint::map).orElseGet(LinkedHashMap::new);
    Optional<JsonNode> tools = tools(fields);
    if (tools.isPresent()) {
      requirePlaceForTools(prompt, steered, messages, tools.get());
      variables.put(TOOLS, MAPPER.convertValue(tools.get(), new TypeReference<List<Object>>() {}));
    }
    return variables.isEmpty() ? prompt : prompt.withChatVariables(variables);
  }

  private static Map<String, Object> map(ObjectNode json) {
    json.properties()
        .forEach(
            entry ->
                Fields.check(
                    !entry.getValue().isNull(), VARIABLES, "without null", entry.getValue()));
    return MAPPER.convertValue(json, new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  private static Optional<JsonNode> tools(Fields fields) {
    Optional<JsonNode> tools = fields.list(TOOLS).filter(it -> !it.isEmpty());
    Optional<JsonNode> choice = fields.node("tool_choice");
    boolean none = choice.filter(it -> it.asText().equals("none")).isPresent();
    boolean auto = choice.isEmpty() || choice.get().asText().equals("auto");
    if (!none && !auto) {
      throw ApiException.unsupported(
          "tool_choice",
          "'tool_choice' %s is not supported, auto and none are: %s",
          Fields.brief(choice.get()),
          NO_CONSTRAINTS);
    }
    return none ? Optional.empty() : tools;
  }

  /** Refuses tools that no model would be told of. */
  private void requirePlaceForTools(
      Prompt prompt, boolean steered, List<ChatMessage> messages, JsonNode tools) {
    Map<String, Object> with =
        Map.of(TOOLS, MAPPER.convertValue(tools, new TypeReference<List<Object>>() {}));
    for (Tokenizer tokenizer :
        service.models().templates(steered, role -> prompt.usesChatTemplate(role, steered))) {
      if (tokenizer.hasChatTemplate()
          && !tokenizer
              .renderChat(messages, true, with)
              .equals(tokenizer.renderChat(messages, true, Map.of()))) {
        return;
      }
    }
    throw ApiException.unsupported(
        TOOLS, "'tools' are not supported by these models: no chat template has a place for them");
  }
}
