package io.proxytune.examples.browser;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One tab of a headless Chromium, spoken to over its debugging protocol. For one thread. */
public final class Chromium implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/");
  private static final long PATIENCE_SECONDS = 60;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> replies = new ConcurrentHashMap<>();
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  /** Where a browser is, if there is one: as the variable CHROMIUM says, or on the path. */
  public static Optional<Path> find() {
    String given = System.getenv("CHROMIUM");
    if (given != null && !given.isEmpty()) {
      return Optional.of(Path.of(given));
    }
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(Pattern.quote(File.pathSeparator)))
        .filter(folder -> !folder.isEmpty())
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts a browser that keeps what it knows in an empty folder. */
  public Chromium(Path browser, Path profile) throws Exception {
    process =
        new ProcessBuilder(
                browser.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    HttpClient client = HttpClient.newHttpClient();
    String target = target(client, address());
    socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(target), new Listener())
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    call("Page.enable", object());
    call("Runtime.enable", object());
    call("Log.enable", object());
    call("Network.enable", object());
  }

  private String address() throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher found = LISTENING.matcher(line);
      if (found.find()) {
        Thread drain = new Thread(() -> lines.lines().forEach(rest -> {}));
        drain.setDaemon(true);
        drain.start();
        return found.group(1);
      }
    }
    throw new IOException("the browser ended without listening");
  }

  private static String target(HttpClient client, String address) throws Exception {
    HttpRequest made =
        HttpRequest.newBuilder(URI.create("http://" + address + "/json/new?about:blank"))
            .PUT(BodyPublishers.noBody())
            .build();
    return json(client.send(made, BodyHandlers.ofString()).body())
        .get("webSocketDebuggerUrl")
        .textValue();
  }

  /** Takes messages, which may come in parts. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        take(json(message.toString()));
        message.setLength(0);
      }
      webSocket.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }

  private void take(JsonNode message) {
    CompletableFuture<JsonNode> reply =
        message.has("id") ? replies.remove(message.get("id").intValue()) : null;
    String method = message.path("method").asText();
    if (reply != null) {
      reply.complete(message);
    } else if (method.equals("Runtime.exceptionThrown") || method.equals("Log.entryAdded")) {
      problems.add(message.get("params").toString());
    } else if (method.equals("Network.requestWillBeSent")) {
      requests.add(message.at("/params/request/url").asText());
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public JsonNode call(String method, ObjectNode params) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> reply = new CompletableFuture<>();
    replies.put(id, reply);
    ObjectNode message = object().put("id", id).put("method", method);
    message.set("params", params);
    socket.sendText(message.toString(), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    JsonNode answer = reply.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (answer.has("error")) {
      throw new AssertionError(method + ": " + answer);
    }
    return answer.get("result");
  }

  public void open(URI page) throws Exception {
    call("Page.navigate", object().put("url", page.toString()));
    await("document.readyState === 'complete'");
  }

  /** The value of an expression of the page's script. */
  public JsonNode evaluate(String expression) throws Exception {
    JsonNode result =
        call(
            "Runtime.evaluate",
            object()
                .put("expression", expression)
                .put("awaitPromise", true)
                .put("returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
    }
    return result.get("result").path("value");
  }

  public void await(String condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!evaluate("Boolean(" + condition + ")").booleanValue()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("it never was so: " + condition + "; " + problems);
      }
      Thread.sleep(20);
    }
  }

  /** Types into what has the focus. */
  public void type(String text) throws Exception {
    call("Input.insertText", object().put("text", text));
  }

  public void press(String key, int code) throws Exception {
    for (String type : List.of("keyDown", "keyUp")) {
      ObjectNode event = object().put("type", type).put("key", key).put("code", key);
      event.put("windowsVirtualKeyCode", code);
      if (key.equals("Enter")) {
        event.put("text", "\r");
      }
      call("Input.dispatchKeyEvent", event);
    }
  }

  /** Shows the page as a screen of this size does. */
  public void screen(int width, int height, boolean dark) throws Exception {
    medium("screen", width, height, dark);
  }

  /** Shows the page as a sheet of this width would have it. */
  public void sheet(int width, boolean dark) throws Exception {
    medium("print", width, 1000, dark);
  }

  private void medium(String name, int width, int height, boolean dark) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        object()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", width < 600));
    ObjectNode media = object().put("media", name);
    media
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", media);
  }

  /** Keeps what is to be seen, where somebody asked for it. */
  public void keep(String name) throws Exception {
    String folder = System.getProperty("proxytune.screenshots", "");
    if (!folder.isEmpty()) {
      String data = call("Page.captureScreenshot", object()).get("data").textValue();
      Files.createDirectories(Path.of(folder));
      Files.write(Path.of(folder, name + ".png"), Base64.getDecoder().decode(data));
    }
  }

  /** What the page did wrong: exceptions of its script, and what the browser complained about. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** What was asked for, the page itself included. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() throws InterruptedException {
    socket.abort();
    List<ProcessHandle> helpers = process.descendants().toList(); // they write to the folder too
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    for (ProcessHandle helper : helpers) {
      helper.destroyForcibly();
      helper.onExit().join();
    }
  }
}
