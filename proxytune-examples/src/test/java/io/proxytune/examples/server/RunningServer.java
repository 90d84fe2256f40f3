package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.ProxyTunerBuilder;
import io.proxytune.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A server on a free port of this machine, with a client. */
final class RunningServer implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ServedModels models;
  private final ApiServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  private RunningServer(ServedModels models, ApiServer.Settings settings) {
    this.models = models;
    try {
      this.server =
          ApiServer.start(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), models, settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RunningServer of(LogitSource base, ExpertPair... pairs) {
    return of(settings(ApiKeys.none(), ServerLimits.USUAL, null), base, pairs);
  }

  static RunningServer of(ApiServer.Settings settings, LogitSource base, ExpertPair... pairs) {
    return of(settings, Fusion.proxyTuning(), base, pairs);
  }

  static RunningServer of(
      ApiServer.Settings settings, Fusion fusion, LogitSource base, ExpertPair... pairs) {
    List<ExpertPair> all = List.of(pairs);
    String name = ServedModels.nameOf(base, all, fusion);
    return new RunningServer(
        new ServedModels(
            name, base, all, fusion, (steering, fused) -> tuner(base, steering, fused)),
        settings);
  }

  static ProxyTuner tuner(LogitSource base, List<ExpertPair> pairs) {
    return tuner(base, pairs, Fusion.proxyTuning());
  }

  private static ProxyTuner tuner(LogitSource base, List<ExpertPair> pairs, Fusion fusion) {
    ProxyTunerBuilder builder = ProxyTuner.builder().base(base).fusion(fusion);
    pairs.forEach(builder::pair);
    return builder.build();
  }

  /** Greedy where a request says nothing. */
  static ApiServer.Settings settings(
      ApiKeys keys, ServerLimits limits, @Nullable List<Role> templateRoles) {
    return new ApiServer.Settings(GenerationOptions.defaults(), 64, templateRoles, keys, limits);
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
  }

  int port() {
    return server.address().getPort();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(PATIENCE);
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET().build());
  }

  HttpResponse<String> post(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.replace('\'', '"')))
            .build());
  }

  /** The answer to a request, written with single quotes, that is to succeed. */
  JsonNode ask(String path, String body) {
    HttpResponse<String> response = post(path, body);
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + " " + response.body());
    }
    return json(response.body());
  }

  /** The error that answers a request. */
  JsonNode refusal(String path, String body, int status) {
    HttpResponse<String> response = post(path, body);
    if (response.statusCode() != status) {
      throw new AssertionError(response.statusCode() + " " + response.body());
    }
    return json(response.body()).get("error");
  }

  /** The events of a stream, which has to end as streams do. */
  List<JsonNode> events(String path, String body) {
    HttpResponse<String> response = post(path, body);
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + " " + response.body());
    }
    List<JsonNode> events = new ArrayList<>();
    List<String> lines = response.body().lines().filter(line -> !line.isEmpty()).toList();
    for (String line : lines.subList(0, lines.size() - 1)) {
      events.add(json(line.replaceFirst("^data: ", "")));
    }
    if (!lines.get(lines.size() - 1).equals("data: [DONE]")) {
      throw new AssertionError("the stream ends with " + lines.get(lines.size() - 1));
    }
    return events;
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + text, e);
    }
  }

  /** The value of a metric without labels. */
  double metric(String name) {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }

  @Override
  public void close() {
    server.close();
    models.close();
  }
}
