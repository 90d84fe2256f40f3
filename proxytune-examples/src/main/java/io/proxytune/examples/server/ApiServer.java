package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.GenerationOptions;
import io.proxytune.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server for clients of OpenAI's protocol.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class ApiServer implements AutoCloseable {
  private final HttpServer http;
  private final ServerMetrics metrics;

  private ApiServer(HttpServer http, ServerMetrics metrics) {
    this.http = http;
    this.metrics = metrics;
  }

  /**
   * How a server answers: immutable.
   *
   * @param first what holds where a request says nothing
   * @param chatTokens the longest answer of a chat where a request does not say
   * @param templateRoles who reads the chat template; null for what is usual
   * @param keys what opens it
   * @param limits what it grants
   */
  public record Settings(
      GenerationOptions first,
      int chatTokens,
      @Nullable List<Role> templateRoles,
      ApiKeys keys,
      ServerLimits limits) {}

  /**
   * Starts a server; the caller closes it before the models.
   *
   * @param address where it listens; port 0 for any that is free
   * @throws IOException if it can't listen there
   */
  public static ApiServer start(InetSocketAddress address, ServedModels models, Settings settings)
      throws IOException {
    ServerMetrics metrics = new ServerMetrics();
    try {
      List<Route> routes = routes(models, settings, metrics);
      HttpServer http =
          HttpServer.start(address, routes, settings.keys(), settings.limits(), metrics);
      return new ApiServer(http, metrics);
    } catch (Throwable e) {
      metrics.close();
      throw e;
    }
  }

  private static List<Route> routes(ServedModels models, Settings settings, ServerMetrics metrics) {
    TextService service = new TextService(models, settings, metrics);
    long created = System.currentTimeMillis() / 1000;
    List<Route> routes = new ArrayList<>();
    routes.add(Route.post("/v1/completions", new CompletionsEndpoint(service)));
    routes.add(
        Route.post(
            "/v1/chat/completions",
            new ChatEndpoint(service, settings.templateRoles(), settings.chatTokens())));
    routes.add(Route.get("/v1/models", true, rest -> json(list(models, created))));
    routes.add(Route.get("/v1/models/*", true, name -> json(model(models, created, name))));
    routes.add(Route.get("/metrics", true, rest -> prometheus(metrics)));
    routes.add(Route.get("/health", false, rest -> json(health())));
    routes.addAll(Page.routes());
    return routes;
  }

  private static Route.Content json(JsonNode json) {
    return new Route.Content(UndertowCall.JSON, json.toString().getBytes(UTF_8));
  }

  private static Route.Content prometheus(ServerMetrics metrics) {
    return new Route.Content(
        "text/plain; version=0.0.4; charset=utf-8", metrics.scrape().getBytes(UTF_8));
  }

  private static ObjectNode health() {
    return JsonNodeFactory.instance.objectNode().put("status", "ok");
  }

  private static ObjectNode list(ServedModels models, long created) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    models.names().forEach(name -> data.add(entry(models, created, name)));
    return json;
  }

  private static ObjectNode model(ServedModels models, long created, String name) {
    if (!models.names().contains(name)) {
      throw ApiException.notFound(
          "model",
          "model_not_found",
          "the model '" + name + "' is not served here: see /v1/models");
    }
    return entry(models, created, name);
  }

  private static ObjectNode entry(ServedModels models, long created, String name) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", name);
    json.put("object", "model").put("created", created).put("owned_by", "proxytune");
    json.put("max_model_len", models.contextLength());
    ArrayNode alpha = json.putArray("alpha");
    if (name.equals(models.names().get(0))) {
      models.strengths().forEach(alpha::add);
    }
    return json;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return http.address();
  }

  /**
   * Takes no more requests, lets those under way come to their end for a while, and then ends them.
   * Closing twice does nothing.
   */
  @Override
  public void close() {
    http.close();
    metrics.close();
  }
}
