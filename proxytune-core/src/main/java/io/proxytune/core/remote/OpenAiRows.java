package io.proxytune.core.remote;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Rows of OpenAI's {@code /completions}. Safe for use by several threads. */
final class OpenAiRows implements RowSource {
  private final Endpoint endpoint;
  private final String model;
  private final TokenNames names;
  private final Dialect dialect;
  private final Counters counters = new Counters();

  /**
   * What differs between servers.
   *
   * @param slots how many requests at once
   * @param tokensAsIds whether tokens are asked for as {@code token_id:N}, as vLLM can
   * @param pastTheEnd whether the field {@code ignore_eos} is sent
   * @param ceiling what may be spent
   */
  record Dialect(int slots, boolean tokensAsIds, boolean pastTheEnd, Ceiling ceiling) {}

  OpenAiRows(Endpoint endpoint, String model, TokenNames names, Dialect dialect) {
    this.endpoint = endpoint;
    this.model = model;
    this.names = names;
    this.dialect = dialect;
  }

  @Override
  public int slots() {
    return dialect.slots;
  }

  @Override
  public Exchange<Row> ask(int[] ids, int slot, int width, int count) {
    Exchange<Row> exchange =
        endpoint.post(
            "/completions",
            body(ids, count),
            () -> new JsonBody<>(new OpenAiRow(names, ids.length), counters::bytes),
            before -> {
              dialect.ceiling.spend(ids.length + 1L, endpoint.toString());
              counters.sent(before);
            });
    var unused = exchange.result().thenAccept(row -> counters.answered(ids.length, row));
    return exchange;
  }

  private ObjectNode body(int[] ids, int count) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", model);
    ArrayNode prompt = body.putArray("prompt");
    for (int id : ids) {
      prompt.add(id);
    }
    body.put("max_tokens", 1).put("temperature", 0).put("logprobs", count);
    if (dialect.tokensAsIds) {
      body.put("return_tokens_as_token_ids", true);
    }
    return dialect.pastTheEnd ? body.put("ignore_eos", true) : body;
  }

  @Override
  public Counters counters() {
    return counters;
  }
}
