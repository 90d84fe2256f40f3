package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** What a {@link SteeringPage} shows and holds, collected piece by piece. For one thread. */
public final class PageData {
  private final ObjectNode document = JsonNodeFactory.instance.objectNode();
  private final ArrayNode models = JsonNodeFactory.instance.arrayNode();
  private final ArrayNode items = JsonNodeFactory.instance.arrayNode();

  /**
   * Begins with what made the page.
   *
   * @param version the program's
   * @param date when, in ISO 8601
   * @param command the command line
   * @param options how texts are generated, unless an item says otherwise
   * @param plain whether models are fused as proxy-tuning does
   */
  public PageData(String version, String date, String command, String options, boolean plain) {
    document.put("version", version).put("date", date).put("command", command);
    document.put("options", options).put("proxy_tuning", plain);
    document.set("models", models);
    document.set("items", items);
  }

  /** Adds the base. */
  public void addBase(String name, Path folder) {
    addModel("base", 0, name, folder);
  }

  /** Adds a pair, in the order of the command line. */
  public void addPair(
      int pair, double alpha, String expert, Path expertFolder, String antiExpert, Path folder) {
    addModel("expert", pair, expert, expertFolder).put("alpha", alpha);
    addModel("anti-expert", pair, antiExpert, folder).put("alpha", alpha);
  }

  /** Adds a model that stands alone. */
  public void addSource(String name, Path folder) {
    addModel("source", 0, name, folder);
  }

  private ObjectNode addModel(String role, int pair, String name, Path folder) {
    ObjectNode model = models.addObject().put("role", role).put("pair", pair).put("name", name);
    model.set("files", ModelFiles.of(folder));
    return model;
  }

  /**
   * Adds a text.
   *
   * @param names what tells it from others: {@code n}, or {@code line} and {@code line_id}
   * @param prompt what the base read
   * @param steered the steered text as {@code --json} has it, with trace and log-probabilities
   * @param unsteered the base's own
   */
  public void add(ObjectNode names, String prompt, JsonNode steered, JsonNode unsteered) {
    ObjectNode item = items.addObject();
    item.setAll(names);
    item.put("prompt", prompt);
    item.set("steered", withoutExpertsAlternatives(steered));
    item.set("unsteered", unsteered);
  }

  /** The page would be several times as large with what it shows nothing of. */
  private static JsonNode withoutExpertsAlternatives(JsonNode text) {
    JsonNode copy = text.deepCopy();
    for (JsonNode token : copy.path("logprobs")) {
      for (JsonNode role : token.path("roles")) {
        if (!role.path("role").asText().equals("base")) {
          ((ObjectNode) role).remove("top");
        }
      }
    }
    return copy;
  }

  /** How many texts there are. */
  public int size() {
    return items.size();
  }

  /** The page of all that was added. */
  public String page(TokenClasses classes) {
    document.set("classes", classes.json());
    return SteeringPage.of(document, classes);
  }
}
