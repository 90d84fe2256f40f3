package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodySubscriber;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Where a server is, and how it is asked. Safe for use by several threads. */
final class Endpoint {
  private static final int MAX_SHORT_ANSWER = 16 << 20;

  private final String address;
  private final ApiKey key;
  private final ServerSettings settings;
  private final HttpClient client;

  Endpoint(URI server, ApiKey key, ServerSettings settings) {
    this.address = checked(server);
    this.key = key;
    this.settings = settings;
    // No redirects: they could carry the key elsewhere.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .build();
  }

  /** The address that is put before all paths. */
  static String checked(URI server) {
    String scheme = server.getScheme();
    checkArgument(
        server.getUserInfo() == null,
        "the address of the server %s holds a password or a user's name: give a key with"
            + " apiKeyFile(...) or apiKeyVariable(...), and the address without it",
        server.getHost());
    checkArgument(
        ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))
            && server.getHost() != null
            && server.getRawQuery() == null
            && server.getRawFragment() == null,
        "a server's address is such as http://localhost:8080, got %s",
        server);
    String text = server.toString();
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  /** Sends what is answered with more than fits into memory at its ease. */
  <T> Exchange<T> post(
      String path,
      JsonNode body,
      Supplier<? extends BodySubscriber<T>> reader,
      IntConsumer onSend) {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(JsonOutput.compact(body)))
            .build();
    return begin(request, reader, onSend);
  }

  private <T> Exchange<T> begin(
      HttpRequest request, Supplier<? extends BodySubscriber<T>> reader, IntConsumer onSend) {
    return Exchange.begin(
        client,
        new Exchange.Request<>(request, reader, settings.answerTimeout(), onSend),
        new Retries(address, key, settings));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path));
    return key.isPresent() ? request.header("Authorization", key.header()) : request;
  }

  /** Asks and waits for the answer. */
  JsonNode get(String path) {
    return json(path, begin(request(path).GET().build(), Endpoint::shortAnswer, sent -> {}));
  }

  /** Asks and waits for the answer. */
  JsonNode post(String path, JsonNode body) {
    return json(path, post(path, body, Endpoint::shortAnswer, sent -> {}));
  }

  private static BodySubscriber<String> shortAnswer() {
    return TextBody.whole(MAX_SHORT_ANSWER);
  }

  private JsonNode json(String path, Exchange<String> exchange) {
    try {
      return JsonText.parse(await(exchange));
    } catch (InvalidJsonException e) {
      throw new ServerException(
          "the server "
              + address
              + " answers "
              + path
              + " with no JSON: is it another kind of"
              + " server?",
          e);
    }
  }

  private static <T> T await(Exchange<T> exchange) {
    try {
      return exchange.result().get();
    } catch (InterruptedException e) {
      exchange.cancel();
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for a server");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return address;
  }
}
