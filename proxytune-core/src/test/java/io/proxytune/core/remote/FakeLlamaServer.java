package io.proxytune.core.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.proxytune.Tokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Speaks as much of llama.cpp's protocol as is asked of it, in the shape that a real server was
 * recorded in ({@code golden/remote}), about a model that is a function; and OpenAI's protocol for
 * completions. What is put into {@link #mishaps} happens to the next requests for rows.
 */
final class FakeLlamaServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What becomes of a request. */
  interface Mishap {
    void happen(HttpExchange exchange) throws IOException;
  }

  final Queue<Mishap> mishaps = new ConcurrentLinkedQueue<>();
  final Queue<Mishap> healthMishaps = new ConcurrentLinkedQueue<>();
  final List<JsonNode> asked = new CopyOnWriteArrayList<>();
  final List<String> keys = new CopyOnWriteArrayList<>();
  final AtomicInteger atOnce = new AtomicInteger();
  final AtomicInteger mostAtOnce = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final Tokenizer tokenizer;
  private final int width;
  private final Function<int[], float[]> logits;
  volatile int slots = 2;
  volatile int context = 64;

  FakeLlamaServer(int port, Tokenizer tokenizer, int width, Function<int[], float[]> logits) {
    this.tokenizer = tokenizer;
    this.width = width;
    this.logits = logits;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI address() {
    return URI.create("http://localhost:" + port());
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String key = exchange.getRequestHeaders().getFirst("Authorization");
      keys.add(key == null ? "" : key);
      JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
      switch (exchange.getRequestURI().getPath()) {
        case "/health" -> orMishap(healthMishaps, exchange, () -> reply(exchange, ok()));
        case "/props" -> reply(exchange, props());
        case "/v1/models" -> reply(exchange, models());
        case "/tokenize" -> reply(exchange, tokens(body.path("content").asText()));
        case "/detokenize" -> reply(exchange, content(ids(body.path("tokens"))));
        case "/completion" -> completion(exchange, body, "n_probs");
        case "/v1/completions" -> completion(exchange, body, "logprobs");
        default -> refuse(exchange, 404, "File Not Found");
      }
    }
  }

  private interface Answer {
    void give() throws IOException;
  }

  private static void orMishap(Queue<Mishap> mishaps, HttpExchange exchange, Answer answer)
      throws IOException {
    Mishap mishap = mishaps.poll();
    if (mishap == null) {
      answer.give();
    } else {
      mishap.happen(exchange);
    }
  }

  private static JsonNode ok() {
    return JSON.createObjectNode().put("status", "ok");
  }

  private JsonNode props() {
    ObjectNode props = JSON.createObjectNode().put("total_slots", slots).put("eos_token", "</s>");
    props.putObject("default_generation_settings").put("n_ctx", context);
    return props;
  }

  private JsonNode models() {
    ObjectNode models = JSON.createObjectNode();
    ObjectNode model = models.putArray("data").addObject().put("id", "/secret/folder/base.gguf");
    model.put("max_model_len", context);
    model.putObject("meta").put("n_vocab", width);
    return models;
  }

  private JsonNode tokens(String text) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode ids = answer.putArray("tokens");
    Arrays.stream(tokenizer.encode(text, false)).forEach(ids::add);
    return answer;
  }

  private JsonNode content(int[] ids) {
    return JSON.createObjectNode().put("content", tokenizer.decode(ids, false));
  }

  private static int[] ids(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private void completion(HttpExchange exchange, JsonNode body, String count) throws IOException {
    asked.add(body);
    int[] ids = ids(body.path("prompt"));
    if (ids.length >= context) {
      refuse(exchange, 400, "request exceeds the available context size");
      return;
    }
    mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
    Mishap mishap = mishaps.poll();
    JsonNode row = row(ids, body.path(count).asInt());
    try {
      if (mishap != null) {
        mishap.happen(exchange);
      }
    } finally {
      atOnce.decrementAndGet(); // who has the answer may ask for the next at once
    }
    if (mishap == null) {
      boolean byId = body.path("return_tokens_as_token_ids").asBoolean();
      reply(exchange, count.equals("logprobs") ? openAi(row, ids.length, byId) : row);
    }
  }

  /** The same row as OpenAI's servers write it, and the second of a text that they write once. */
  private static JsonNode openAi(JsonNode row, int promptTokens, boolean byId) {
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode choice = answer.putArray("choices").addObject().put("text", "?").put("index", 0);
    ObjectNode logprobs = choice.putObject("logprobs");
    logprobs.putArray("tokens").add("?");
    logprobs.putArray("token_logprobs").add(-0.5);
    ObjectNode top = logprobs.putArray("top_logprobs").addObject();
    row.findValue("top_logprobs")
        .forEach(
            entry -> {
              String name =
                  byId ? "token_id:" + entry.path("id").asInt() : entry.path("token").asText();
              if (!top.has(name)) {
                top.set(name, entry.path("logprob"));
              }
            });
    answer.putObject("usage").put("prompt_tokens", promptTokens).put("total_tokens", 1);
    return answer;
  }

  /** As a real server, likeliest first, with the tokens' texts. */
  JsonNode row(int[] ids, int count) {
    double[] logprobs = logprobs(logits.apply(ids));
    ObjectNode answer = JSON.createObjectNode().put("tokens_evaluated", ids.length);
    ObjectNode picked = answer.putArray("completion_probabilities").addObject();
    picked.put("id", 3).put("token", "a").put("logprob", -1.5);
    picked.putArray("bytes").add(97);
    ArrayNode top = picked.putArray("top_logprobs");
    IntStream.range(0, width)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer id) -> -logprobs[id]))
        .limit(count)
        .forEach(id -> entry(top.addObject(), id, logprobs[id]));
    return answer;
  }

  private void entry(ObjectNode entry, int id, double logprob) {
    String token = tokenizer.decode(new int[] {id}, false);
    entry.put("id", id).put("token", token);
    ArrayNode bytes = entry.putArray("bytes");
    for (byte each : token.getBytes(UTF_8)) {
      bytes.add(each & 0xff);
    }
    entry.put("logprob", Double.isInfinite(logprob) ? -Float.MAX_VALUE : (float) logprob);
  }

  static double[] logprobs(float[] logits) {
    double most = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
    double sum =
        IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] - most)).sum();
    return IntStream.range(0, logits.length)
        .mapToDouble(i -> logits[i] - most - Math.log(sum))
        .toArray();
  }

  static void reply(HttpExchange exchange, JsonNode body) throws IOException {
    send(exchange, 200, JSON.writeValueAsBytes(body));
  }

  static void refuse(HttpExchange exchange, int status, String message) throws IOException {
    ObjectNode answer = JSON.createObjectNode();
    answer.putObject("error").put("code", status).put("message", message);
    send(exchange, status, JSON.writeValueAsBytes(answer));
  }

  static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
