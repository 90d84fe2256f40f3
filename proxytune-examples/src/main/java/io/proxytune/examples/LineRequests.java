package io.proxytune.examples;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.core.message.MessageReader;
import io.proxytune.examples.batch.BadLineException;
import io.proxytune.examples.batch.BatchRequest;
import io.proxytune.examples.batch.ResultFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/** What the lines of a file ask for, over what the command asks for all. For one thread. */
final class LineRequests implements Function<JsonNode, BatchRequest> {
  private static final Set<String> PROMPTS = Set.of("prompt", "messages", "ids");

  private final PromptOptions prompts;
  private final GenerationOptions common;
  private final BiFunction<GenerationOptions, Prompt, GenerationOptions> form;

  LineRequests(PromptOptions prompts, GenerationOptions common) {
    this(prompts, common, (options, prompt) -> options);
  }

  /**
   * Reads lines.
   *
   * @param prompts what is said of all prompts
   * @param common what the command asks for all
   * @param form what else a prompt asks for
   */
  LineRequests(
      PromptOptions prompts,
      GenerationOptions common,
      BiFunction<GenerationOptions, Prompt, GenerationOptions> form) {
    this.prompts = prompts;
    this.common = common;
    this.form = form;
  }

  /** The command's options under their own names. */
  @Command
  private static final class Line {
    @Mixin private final RequestOptions request = new RequestOptions();
  }

  @Override
  public BatchRequest apply(JsonNode line) {
    check(line.isObject(), "it must be a JSON object, got %s", shown(line));
    JsonNode id = line.path(ResultFile.ID);
    check(
        id.isMissingNode() || id.isTextual() || id.isIntegralNumber(),
        "\"id\" must be a text or a whole number, got %s",
        shown(id));
    try {
      Prompt prompt = prompt(line);
      return new BatchRequest(id, prompt, form.apply(options(line), prompt));
    } catch (ParameterException e) {
      throw new BadLineException(String.valueOf(e.getMessage()), e);
    } catch (BadLineException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new BadLineException(String.valueOf(e.getMessage()), e);
    }
  }

  private Prompt prompt(JsonNode line) {
    List<String> given = PROMPTS.stream().filter(line::has).sorted().toList();
    check(
        given.size() == 1,
        "it needs one of \"prompt\", \"messages\" and \"ids\", got %s",
        given.isEmpty() ? "none" : String.join(" and ", given));
    JsonNode value = line.path(given.get(0));
    return switch (given.get(0)) {
      case "prompt" -> prompts.ofText(text(value));
      case "messages" -> prompts.ofMessages(messages(value));
      default -> Prompt.ofIds(ids(value));
    };
  }

  private static String text(JsonNode value) {
    check(value.isTextual(), "\"prompt\" must be a text, got %s", shown(value));
    return value.textValue();
  }

  private static List<ChatMessage> messages(JsonNode value) {
    return MessageReader.read("messages", value);
  }

  private static int[] ids(JsonNode value) {
    check(value.isArray() && !value.isEmpty(), "\"ids\" must be a list of token ids, not empty");
    int[] ids = new int[value.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = value.get(i);
      check(
          id.isInt() && id.intValue() >= 0,
          "\"ids\" must be token ids from 0 on, got %s at index %s",
          shown(id),
          i);
      ids[i] = id.intValue();
    }
    return ids;
  }

  private GenerationOptions options(JsonNode line) {
    Line options = new Line();
    CommandLine parser = new CommandLine(options).setExpandAtFiles(false);
    List<String> arguments = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : line.properties()) {
      if (!field.getKey().equals(ResultFile.ID) && !PROMPTS.contains(field.getKey())) {
        String option = "--" + field.getKey().replace('_', '-');
        check(
            parser.getCommandSpec().findOption(option) != null,
            "\"%s\" is unknown: a line has id, prompt, messages or ids, and options of sampling,"
                + " length and stops such as max_new_tokens",
            field.getKey());
        values(field.getValue()).map(value -> option + value).forEach(arguments::add);
      }
    }
    parser.parseArgs(arguments.toArray(new String[0]));
    return options.request.applyTo(common);
  }

  /** Each value of an option as it is written behind its name. */
  private static Stream<String> values(JsonNode value) {
    if (value.isArray()) {
      return Stream.iterate(0, i -> i < value.size(), i -> i + 1)
          .flatMap(i -> values(value.get(i)));
    }
    if (value.isObject()) {
      return value.properties().stream()
          .map(entry -> "=" + entry.getKey() + "=" + entry.getValue().asText());
    }
    if (value.isBoolean()) {
      return value.booleanValue() ? Stream.of("") : Stream.empty();
    }
    return value.isNull() ? Stream.empty() : Stream.of("=" + value.asText());
  }

  private static String shown(JsonNode node) {
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  private static void check(boolean condition, String format, Object... args) {
    if (!condition) {
      throw new BadLineException(String.format(Locale.ROOT, format, args));
    }
  }
}
