package io.proxytune.examples.server;

import static io.proxytune.examples.server.PacedServers.ENDLESS;
import static io.proxytune.examples.server.PacedServers.PATH;
import static io.proxytune.examples.server.PacedServers.PATIENCE_SECONDS;
import static io.proxytune.examples.server.PacedServers.await;
import static io.proxytune.examples.server.PacedServers.limits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a server. */
class ServerEndTest {
  @TempDir Path folder;
  private PacedServers servers;

  @BeforeEach
  void load() {
    servers = new PacedServers(folder);
  }

  @Test
  void aServerThatEndsLetsRequestsComeToTheirEnd() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    servers.atStep(() -> await(gate));
    RunningServer server =
        servers.start(limits(2, 2, Duration.ofSeconds(10), Duration.ofSeconds(20)));
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
    assertThatThrownBy(() -> RawClient.connect(server).close()).isInstanceOf(IOException.class);
  }

  @Test
  void aServerThatEndsCutsOffWhatTakesTooLong() throws Exception {
    RunningServer server =
        servers.start(limits(2, 2, Duration.ofSeconds(10), Duration.ofMillis(50)));
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
}
