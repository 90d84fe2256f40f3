package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.TinyCheckpoint;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Limits, keys, clients that go away or are slow, and the end of a server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpServerTest {
  private static final String PATH = "/v1/completions";
  private static final int THE = TinyCheckpoint.WORDS.indexOf("the");
  private static final String ENDLESS = "{'prompt':'the','max_tokens':90000%s}";
  private static final long PATIENCE_SECONDS = 30;

  private LogitModel words;

  /** What happens where the model of a test reads a token. */
  private volatile Runnable atStep = () -> {};

  private volatile CountDownLatch begun = new CountDownLatch(1);

  @BeforeAll
  void load(@TempDir Path folder) {
    words = TorchModels.load(TinyCheckpoint.write(folder, 1));
  }

  @AfterAll
  void free() {
    words.close();
  }

  @AfterEach
  void letEverythingGo() {
    atStep = () -> {};
    begun = new CountDownLatch(1);
  }

  /** A model that always says the same word, as slowly as a test likes. */
  private LogitSource model(String name) {
    Tokenizer tokenizer = words.tokenizer().orElseThrow();
    float[] row = new float[TinyCheckpoint.WORDS.size()];
    row[THE] = 5;
    return FunctionLogitSource.of(
            name,
            row.length,
            100_000,
            ids -> {
              atStep.run();
              begun.countDown();
              return row;
            })
        .withTokenizer(tokenizer);
  }

  private RunningServer server(ServerLimits limits) {
    return server(ApiKeys.none(), limits);
  }

  private RunningServer server(ApiKeys keys, ServerLimits limits) {
    return RunningServer.of(RunningServer.settings(keys, limits, null), model("said"));
  }

  private static ServerLimits limits(int requests, int queued, Duration arrival, Duration grace) {
    ServerLimits usual = ServerLimits.USUAL;
    return new ServerLimits(
        requests, queued, 20_000, 16_384, arrival, usual.idle(), usual.reading(), grace, 20);
  }

  private static ServerLimits few() {
    return limits(2, 2, Duration.ofSeconds(10), Duration.ofSeconds(1));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the request is to end
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(5);
    }
  }

  private static Socket connect(RunningServer server) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8192);
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    socket.getOutputStream().flush();
  }

  private static String request(String body) {
    String json = body.replace('\'', '"');
    return "POST /v1/completions HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        + "Content-Length: "
        + json.length()
        + "\r\n\r\n"
        + json;
  }

  /** Reads until a text has come as often as expected. */
  private static String readUntil(Socket socket, String text, int times) throws IOException {
    StringBuilder read = new StringBuilder();
    byte[] buffer = new byte[4096];
    while (read.toString().split(text, -1).length <= times) {
      int count = socket.getInputStream().read(buffer);
      if (count < 0) {
        break;
      }
      read.append(new String(buffer, 0, count, US_ASCII));
    }
    return read.toString();
  }

  /** Whether the server ends the connection, with whatever it says before. */
  private static String readToEnd(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    } catch (IOException reset) {
      return "reset";
    }
  }

  @Test
  void aClientThatGoesAwayEndsItsRequest() throws Exception {
    for (String more : List.of("", ",'stream':true", ",'n':2", ",'echo':true,'logprobs':1")) {
      begun = new CountDownLatch(1);
      try (RunningServer server = server(few())) {
        try (Socket client = connect(server)) {
          write(client, request(ENDLESS.formatted(more)));
          await(begun);
          await(() -> server.metric("proxytune_requests_active") == 1);
        }
        await(() -> server.metric("proxytune_requests_active") == 0);
        assertThat(server.metric("proxytune_requests_cut_off_total")).as(more).isEqualTo(1);
        assertThat(server.ask(PATH, "{'prompt':'the','max_tokens':1}").get("choices")).hasSize(1);
      }
    }
  }

  @Test
  void aClientThatGoesAwayWhileItWaitsIsForgotten() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    atStep = () -> await(gate);
    try (RunningServer server =
        server(limits(1, 1, Duration.ofSeconds(10), Duration.ofSeconds(1)))) {
      try (Socket first = connect(server)) {
        write(first, request("{'prompt':'the','max_tokens':1}"));
        await(() -> server.metric("proxytune_requests_active") == 1);
        try (Socket second = connect(server)) {
          write(second, request("{'prompt':'the','max_tokens':1}"));
          await(() -> server.metric("proxytune_requests_waiting") == 1);
        }
        Thread.sleep(50); // until the server has noticed
        gate.countDown();
        assertThat(readUntil(first, "finish_reason", 1)).startsWith("HTTP/1.1 200");
        await(() -> server.metric("proxytune_requests_waiting") == 0);
        await(() -> server.metric("proxytune_requests_cut_off_total") == 1);
      }
    }
  }

  @Test
  void requestsThatAreSentAheadAreAnsweredInTurn() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    try (RunningServer server = server(few());
        Socket client = connect(server)) {
      String one = request("{'prompt':'the','max_tokens':3}");
      write(client, one + one + one);
      assertThat(readUntil(client, "\"usage\"", 3)).contains("HTTP/1.1 200");
      begun = new CountDownLatch(1);
      atStep = () -> await(gate);
      write(client, one);
      await(() -> server.metric("proxytune_requests_active") == 1);
      write(client, one); // read while the first is under way, and kept
      Thread.sleep(50);
      gate.countDown();
      assertThat(readUntil(client, "\"usage\"", 2)).contains("HTTP/1.1 200");
      write(client, one);
      assertThat(readUntil(client, "\"usage\"", 1)).contains("HTTP/1.1 200");
      assertThat(server.metric("proxytune_requests_cut_off_total")).isZero();
    }
  }

  @Test
  void aClientThatReadsNothingIsLeft() throws Exception {
    ServerLimits usual = ServerLimits.USUAL;
    ServerLimits impatient =
        new ServerLimits(
            2,
            2,
            20_000,
            16_384,
            usual.arrival(),
            usual.idle(),
            Duration.ofMillis(300),
            usual.grace(),
            usual.alternatives());
    String longName = "said".repeat(5000); // events of 20 kB fill the buffers between soon
    try (RunningServer server =
            RunningServer.of(
                RunningServer.settings(ApiKeys.none(), impatient, null), model(longName));
        Socket client = connect(server)) {
      write(client, request(ENDLESS.formatted(",'stream':true")));
      await(() -> server.metric("proxytune_requests_active") == 1);
      await(() -> server.metric("proxytune_requests_active") == 0);
      assertThat(server.metric("proxytune_requests_cut_off_total")).isEqualTo(1);
    }
  }

  @Test
  void aClientThatIsSlowToSendIsLeft() throws Exception {
    try (RunningServer server =
            server(limits(2, 2, Duration.ofMillis(200), Duration.ofSeconds(1)));
        Socket body = connect(server);
        Socket headers = connect(server)) {
      write(body, request("{'prompt':'the'}").replace("'the'", "'th"));
      write(headers, "POST /v1/completions HTTP/1.1\r\nHost: he");
      assertThat(readToEnd(headers)).doesNotContain("200 OK");
      assertThat(server.metric("proxytune_requests_active")).isZero();
      write(body, "");
    }
    try (RunningServer server =
            server(limits(2, 2, Duration.ofMillis(200), Duration.ofSeconds(1)));
        Socket body = connect(server)) {
      String whole = request("{'prompt':'the'}");
      write(body, whole.substring(0, whole.length() - 3));
      assertThat(readToEnd(body)).doesNotContain("200 OK");
    }
  }

  @Test
  void whatIsTooLongIsRefused() throws Exception {
    String large = "{'prompt':'" + "the ".repeat(10_000) + "'}";
    try (RunningServer server = server(few())) {
      JsonNode error = server.refusal(PATH, large, 413);
      assertThat(error.get("message").textValue()).contains("at most 20000 bytes");
      HttpRequest chunked =
          server
              .request(PATH)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString(large.replace('\'', '"'))))
              .build();
      assertThat(server.send(chunked).statusCode()).isEqualTo(413);
      try (Socket client = connect(server)) {
        write(
            client, "GET /health HTTP/1.1\r\nHost: here\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
        assertThat(readToEnd(client)).doesNotContain("200 OK");
      }
      assertThat(server.get("/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void moreThanThereIsRoomForIsRefused() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    atStep = () -> await(gate);
    try (RunningServer server =
        server(limits(1, 1, Duration.ofSeconds(10), Duration.ofSeconds(1)))) {
      List<CompletableFuture<HttpResponse<String>>> served =
          Stream.of(1, 2)
              .map(
                  i ->
                      CompletableFuture.supplyAsync(
                          () -> server.post(PATH, "{'prompt':'the','max_tokens':1}")))
              .toList();
      await(
          () ->
              server.metric("proxytune_requests_active")
                      + server.metric("proxytune_requests_waiting")
                  == 2);
      HttpResponse<String> refused = server.post(PATH, "{'prompt':'the','max_tokens':1}");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).contains("1");
      assertThat(refused.body()).contains("\"overloaded\"");
      gate.countDown();
      for (CompletableFuture<HttpResponse<String>> each : served) {
        assertThat(each.get(PATIENCE_SECONDS, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void aServerThatEndsLetsRequestsComeToTheirEnd() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    atStep = () -> await(gate);
    RunningServer server = server(limits(2, 2, Duration.ofSeconds(10), Duration.ofSeconds(20)));
    CompletableFuture<List<JsonNode>> events =
        CompletableFuture.supplyAsync(
            () -> server.events(PATH, "{'prompt':'the','max_tokens':5,'stream':true}"));
    await(() -> server.metric("proxytune_requests_active") == 1);
    CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
    // Not a request that would wait for the gate if it came before the end began.
    await(() -> server.post(PATH, "{").statusCode() == 503);
    gate.countDown();
    assertThat(events.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).hasSize(6);
    closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    server.close();
    assertThatThrownBy(() -> connect(server).close()).isInstanceOf(IOException.class);
  }

  @Test
  void aServerThatEndsCutsOffWhatTakesTooLong() throws Exception {
    RunningServer server = server(limits(2, 2, Duration.ofSeconds(10), Duration.ofMillis(50)));
    CompletableFuture<HttpResponse<String>> whole =
        CompletableFuture.supplyAsync(() -> server.post(PATH, ENDLESS.formatted("")));
    CompletableFuture<HttpResponse<String>> streamed =
        CompletableFuture.supplyAsync(() -> server.post(PATH, ENDLESS.formatted(",'stream':true")));
    await(() -> server.metric("proxytune_requests_active") == 2);
    server.close();
    HttpResponse<String> cut = whole.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(cut.statusCode()).isEqualTo(503);
    assertThat(cut.body()).contains("shutting_down");
    List<String> lines = streamed.get(PATIENCE_SECONDS, TimeUnit.SECONDS).body().lines().toList();
    assertThat(lines.get(lines.size() - 2)).contains("\"error\"", "shutting_down");
  }

  @Test
  void nothingGoesOnWithoutAKey() {
    ApiKeys keys = ApiKeys.parse("keys", "# ours\n\n first-key \nsecond-key\n");
    assertThat(keys.toString()).doesNotContain("key-", "first");
    try (RunningServer server = server(keys, few())) {
      for (String given :
          List.of("", "Bearer", "Bearer third-key", "Basic first-key", "first-key")) {
        HttpRequest.Builder request = server.request("/v1/models").GET();
        HttpResponse<String> response =
            server.send(
                given.isEmpty() ? request.build() : request.header("Authorization", given).build());
        assertThat(response.statusCode()).as(given).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(response.body()).contains("invalid_api_key").doesNotContain("third-key");
      }
      assertThat(server.post(PATH, "{'prompt':'the'}").statusCode()).isEqualTo(401);
      assertThat(server.get("/metrics").statusCode()).isEqualTo(401);
      assertThat(server.get("/health").statusCode()).isEqualTo(200);
      assertThat(server.get("/").statusCode()).isEqualTo(200);
      for (String key : List.of("first-key", "second-key")) {
        HttpRequest request =
            server.request("/v1/models").header("Authorization", "bearer " + key).GET().build();
        assertThat(server.send(request).statusCode()).isEqualTo(200);
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKeys.parse("--api-key-file k", "\n# none\n"))
        .withMessageContaining("holds no key");
  }

  @Test
  void otherPathsMethodsAndTypesAreRefused() {
    try (RunningServer server = server(few())) {
      assertThat(server.get("/v2/models").statusCode()).isEqualTo(404);
      assertThat(server.get("/v1/models/").statusCode()).isEqualTo(404);
      assertThat(server.get("/../secret").statusCode()).isEqualTo(404);
      assertThat(server.get(PATH).statusCode()).isEqualTo(405);
      assertThat(server.get(PATH).body()).contains("takes POST, got GET");
      HttpRequest form =
          server
              .request(PATH)
              .header("Content-Type", "text/plain")
              .POST(BodyPublishers.ofString("{\"prompt\":\"the\"}"))
              .build();
      assertThat(server.send(form).statusCode()).isEqualTo(415);
    }
  }

  @Test
  void aModelThatFailsIsAnErrorAndNoMore() {
    try (RunningServer server = server(few())) {
      atStep =
          () -> {
            throw new IllegalStateException("the model is broken");
          };
      JsonNode error = server.refusal(PATH, "{'prompt':'the'}", 500);
      assertThat(error.get("type").textValue()).isEqualTo("server_error");
      assertThat(error.get("message").textValue()).contains("the model is broken");
      assertThat(server.post(PATH, "{'prompt':'the','stream':true}").statusCode()).isEqualTo(500);
      int[] steps = {0};
      atStep =
          () -> {
            if (++steps[0] > 3) {
              throw new IllegalStateException("the model is broken");
            }
          };
      HttpResponse<String> cut = server.post(PATH, "{'prompt':'the','stream':true}");
      assertThat(cut.statusCode()).isEqualTo(200);
      assertThat(cut.body().strip().lines().reduce("", (a, b) -> b)).contains("\"error\"");
      assertThat(cut.body()).doesNotContain("[DONE]");
      atStep = () -> {};
      assertThat(server.post(PATH, "{'prompt':'the'}").statusCode()).isEqualTo(200);
      assertThat(server.metric("proxytune_requests_active")).isZero();
    }
  }

  @Test
  void whatIsCountedIsShown() {
    try (RunningServer server = server(few())) {
      server.ask(PATH, "{'prompt':'the the','max_tokens':5}");
      server.get("/nowhere");
      assertThat(server.metric("proxytune_generated_tokens_total")).isEqualTo(5);
      assertThat(server.metric("proxytune_prompt_tokens_total")).isEqualTo(3);
      assertThat(server.metric("proxytune_time_to_first_token_seconds_count")).isEqualTo(1);
      HttpResponse<String> metrics = server.get("/metrics");
      assertThat(metrics.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/plain; version=0.0.4");
      assertThat(metrics.body())
          .contains(
              "proxytune_request_seconds_count{route=\"/v1/completions\",status=\"200\"} 1",
              "proxytune_request_seconds_count{route=\"none\",status=\"404\"} 1",
              "jvm_memory_used_bytes");
    }
  }

  @Test
  void thePageIsThereAndLoadsNothingFromElsewhere() throws IOException {
    try (RunningServer server = server(few())) {
      for (String path : List.of("/", "/page.css", "/page.js")) {
        HttpResponse<String> file = server.get(path);
        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Security-Policy").orElseThrow())
            .startsWith("default-src 'self'");
        assertThat(file.body()).doesNotContain("http://", "https://");
      }
      try (InputStream page = HttpServer.class.getResourceAsStream("page.js")) {
        assertThat(server.get("/page.js").body()).isEqualTo(new String(page.readAllBytes(), UTF_8));
      }
    }
  }

  @Test
  void aPlaceThatIsTakenIsSaid() {
    try (RunningServer first = server(few());
        ServerMetrics metrics = new ServerMetrics()) {
      InetSocketAddress taken =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), first.port());
      assertThatThrownBy(
              () -> HttpServer.start(taken, List.of(), ApiKeys.none(), few(), metrics).close())
          .isInstanceOf(BindException.class)
          .hasMessageContaining("can't be listened on")
          .hasMessageContaining("--port");
    }
  }
}
