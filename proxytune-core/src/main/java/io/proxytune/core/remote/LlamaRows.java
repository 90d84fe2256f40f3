package io.proxytune.core.remote;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Rows of llama.cpp's {@code /completion}. Safe for use by several threads. */
final class LlamaRows implements RowSource {
  private static final double ABOVE_ALL = 1000;

  private final Endpoint endpoint;
  private final int slots;
  private final Counters counters = new Counters();

  LlamaRows(Endpoint endpoint, int slots) {
    this.endpoint = endpoint;
    this.slots = slots;
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public Exchange<Row> ask(int[] ids, int slot, int width, int count) {
    Exchange<Row> exchange =
        endpoint.post(
            "/completion",
            body(ids, slot, count),
            () -> new JsonBody<>(new LlamaRow(width, count, ids.length), counters::bytes),
            counters::sent);
    var unused = exchange.result().thenAccept(row -> counters.answered(ids.length, row));
    return exchange;
  }

  private static ObjectNode body(int[] ids, int slot, int count) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    ObjectNode body = json.objectNode();
    ArrayNode prompt = body.putArray("prompt");
    for (int id : ids) {
      prompt.add(id);
    }
    body.put("n_predict", 1).put("n_probs", count).put("temperature", 0);
    body.put("id_slot", slot).put("cache_prompt", true);
    body.putArray("response_fields").add("completion_probabilities").add("tokens_evaluated");
    // The server shows no probabilities beside a token that is half a character. So it is made to
    // pick an "a", which changes what it picks and not what it shows.
    body.putArray("logit_bias").add(json.arrayNode().add("a").add(ABOVE_ALL));
    return body;
  }

  @Override
  public Counters counters() {
    return counters;
  }
}
