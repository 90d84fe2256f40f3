package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.RunRecord;

/** What a {@link SteeringPage} shows and holds, collected piece by piece. For one thread. */
public final class PageData {
  private final ObjectNode document;
  private final ArrayNode items = JsonNodeFactory.instance.arrayNode();

  /**
   * Begins with what made the page.
   *
   * @param run version, date, command, options and models
   * @param plain whether models are fused as proxy-tuning does
   */
  public PageData(RunRecord run, boolean plain) {
    this.document = run.json().put("proxy_tuning", plain);
    document.set("items", items);
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
