package io.proxytune.examples.server;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import io.proxytune.Constraint;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.core.chat.AnswerFormat;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code /v1/chat/completions}: the next turn of a conversation. */
final class ChatEndpoint implements Endpoint {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String TOOLS = ToolChoice.TOOLS;

  /** What templates know the tools by; SmolLM3's by the second. */
  private static final List<String> TOOL_VARIABLES = List.of(TOOLS, "xml_tools");

  private static final String VARIABLES = "chat_template_kwargs";

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
      ToolChoice tools = ToolChoice.read(fields);
      Prompt prompt = prompt(fields, lease.steered(), tools.given());
      AnswerFormat shown = AnswerFormat.of(prompt, readers(prompt, lease.steered()));
      GenerationOptions options =
          shown.withMarks(service.options(fields, maxTokens(fields), report));
      Optional<ConstraintFields.Asked> form = form(fields, tools, shown);
      if (form.isPresent()) {
        Constraint asked = form.get().constraint();
        boolean isCall = form.get().field().equals(ToolChoice.CHOICE);
        options = options.withConstraint(isCall ? shown.bindingCall(asked) : shown.binding(asked));
      }
      TextRequest request =
          new TextRequest(
              service.name(fields),
              List.of(prompt),
              List.of(Optional.empty()),
              service.count(fields, 1),
              options,
              form.map(ConstraintFields.Asked::field),
              true,
              report,
              fields.flag("stream"),
              service.streamsUsage(fields));
      fields.checkAllTaken();
      service.run(request, (texts, told) -> new ChatForm(texts, told, shown), lease, call);
    }
  }

  private static Optional<ConstraintFields.Asked> form(
      Fields fields, ToolChoice tools, AnswerFormat shown) {
    Optional<ConstraintFields.Asked> form = ConstraintFields.read(fields);
    Optional<Constraint> call = tools.constraint(shown.calls());
    if (form.isPresent() && call.isPresent()) {
      throw ApiException.bad(
          form.get().field(),
          "'%s' and a 'tool_choice' that demands a call exclude each other",
          form.get().field());
    }
    return form.or(() -> call.map(it -> new ConstraintFields.Asked(ToolChoice.CHOICE, it)));
  }

  private List<Tokenizer> readers(Prompt prompt, boolean steered) {
    return service.models().templates(steered, role -> prompt.usesChatTemplate(role, steered));
  }

  private Report report(Fields fields) {
    boolean logprobs = fields.flag("logprobs");
    Optional<Integer> top = service.alternatives(fields, "top_logprobs");
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

  private Prompt prompt(Fields fields, boolean steered, Optional<JsonNode> tools) {
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
    if (tools.isPresent()) {
      List<Object> told = MAPPER.convertValue(tools.get(), new TypeReference<>() {});
      variables.put(placeOfTools(readers(prompt, steered), messages, told), told);
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

  /** What a template knows the tools by; those that no model would be told of are refused. */
  private static String placeOfTools(
      List<Tokenizer> readers, List<ChatMessage> messages, List<Object> tools) {
    for (String name : TOOL_VARIABLES) {
      for (Tokenizer reader : readers) {
        if (reader.hasChatTemplate()
            && !reader
                .renderChat(messages, true, Map.of(name, tools))
                .equals(reader.renderChat(messages, true, Map.of()))) {
          return name;
        }
      }
    }
    throw ApiException.unsupported(
        TOOLS, "'tools' are not supported by these models: no chat template has a place for them");
  }
}
