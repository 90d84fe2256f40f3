package io.proxytune.examples.server;

import static io.proxytune.examples.server.PacedServers.PATH;
import static io.proxytune.examples.server.PacedServers.PATIENCE_SECONDS;
import static io.proxytune.examples.server.PacedServers.await;
import static io.proxytune.examples.server.PacedServers.few;
import static io.proxytune.examples.server.PacedServers.limits;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is too long or too much for a server. */
class ServerLimitsTest {
  @TempDir Path folder;
  private PacedServers servers;

  @BeforeEach
  void load() {
    servers = new PacedServers(folder);
  }

  @Test
  void whatIsTooLongIsRefused() throws Exception {
    String large = "{'prompt':'" + "the ".repeat(10_000) + "'}";
    try (RunningServer server = servers.start(few())) {
      JsonNode error = server.refusal(PATH, large, 413);
      assertThat(error.get("message").textValue()).contains("at most 20000 bytes");
      HttpRequest chunked =
          server
              .request(PATH)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString(large.replace('\'', '"'))))
              .build();
      assertThat(server.send(chunked).statusCode()).isEqualTo(413);
      try (RawClient client = RawClient.connect(server)) {
        client.write("GET /health HTTP/1.1\r\nHost: here\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
        assertThat(client.readToEnd()).doesNotContain("200 OK");
      }
      assertThat(server.get("/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void moreThanThereIsRoomForIsRefused() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    servers.atStep(() -> await(gate));
    try (RunningServer server =
        servers.start(limits(1, 1, Duration.ofSeconds(10), Duration.ofSeconds(1)))) {
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
}
