package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.Constraint;
import io.proxytune.Tool;
import io.proxytune.core.chat.ToolCallFormat;
import io.proxytune.core.files.JsonOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tools of a request, and which of them the model may call, or has to.
 *
 * @param given the tools as the template reads them; nothing where there are none to call
 * @param mustCall the tools of which one has to be called; none where the model chooses
 */
record ToolChoice(Optional<JsonNode> given, List<Tool> mustCall) {
  static final String TOOLS = "tools";
  static final String CHOICE = "tool_choice";

  ToolChoice {
    mustCall = List.copyOf(mustCall);
  }

  /** What a request says of tools. */
  static ToolChoice read(Fields fields) {
    Optional<JsonNode> tools = fields.list(TOOLS).filter(it -> !it.isEmpty());
    Optional<JsonNode> choice = fields.node(CHOICE);
    String word = choice.map(it -> it.isTextual() ? it.textValue() : "named").orElse("auto");
    return switch (word) {
      case "none" -> new ToolChoice(Optional.empty(), List.of());
      case "auto" -> new ToolChoice(tools, List.of());
      case "required", "named" -> {
        List<Tool> all = tools.map(ToolChoice::tools).orElse(List.of());
        Optional<String> name =
            word.equals("named") ? Optional.of(name(choice.get())) : Optional.empty();
        yield new ToolChoice(tools, chosen(all, name));
      }
      default ->
          throw ApiException.bad(
              CHOICE,
              "'tool_choice' must be none, auto, required or a function, got %s",
              Fields.brief(choice.get()));
    };
  }

  private static String name(JsonNode choice) {
    String name = choice.path("function").path("name").asText();
    Fields.check(!name.isEmpty(), CHOICE, "none, auto, required or a function", choice);
    return name;
  }

  private static List<Tool> chosen(List<Tool> all, Optional<String> name) {
    List<Tool> chosen =
        all.stream().filter(tool -> name.isEmpty() || tool.name().equals(name.get())).toList();
    if (chosen.isEmpty()) {
      throw ApiException.bad(
          CHOICE,
          "'tool_choice' asks for a call of %s, and 'tools' has none",
          name.map(n -> "'" + n + "'").orElse("a tool"));
    }
    return chosen;
  }

  private static List<Tool> tools(JsonNode list) {
    List<Tool> tools = new ArrayList<>();
    for (JsonNode each : list) {
      JsonNode function = each.path("function");
      String name = function.path("name").asText();
      Fields.check(!name.isEmpty(), TOOLS, "a list of functions with names", each);
      Tool bare = Tool.of(name, function.path("description").asText());
      tools.add(
          function.path("parameters").isObject()
              ? new Tool(name, bare.description(), JsonOutput.compact(function.path("parameters")))
              : bare);
    }
    return tools;
  }

  /** The answers that call what has to be called. */
  Optional<Constraint> constraint(Optional<ToolCallFormat> format) {
    if (mustCall.isEmpty()) {
      return Optional.empty();
    }
    if (format.isEmpty()) {
      throw ApiException.unsupported(
          CHOICE,
          "'tool_choice' can't demand a call of these models: their chat template shows no form of"
              + " a call that is known");
    }
    return Optional.of(format.get().call(mustCall));
  }
}
