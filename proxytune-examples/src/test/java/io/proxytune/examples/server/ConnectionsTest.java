package io.proxytune.examples.server;

import static io.proxytune.examples.server.PacedServers.ENDLESS;
import static io.proxytune.examples.server.PacedServers.PATH;
import static io.proxytune.examples.server.PacedServers.await;
import static io.proxytune.examples.server.PacedServers.few;
import static io.proxytune.examples.server.PacedServers.limits;
import static io.proxytune.examples.server.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that go away, are slow, or send ahead. */
class ConnectionsTest {
  @TempDir Path folder;
  private PacedServers servers;

  @BeforeEach
  void load() {
    servers = new PacedServers(folder);
  }

  @Test
  void aClientThatGoesAwayEndsItsRequest() throws Exception {
    for (String more : List.of("", ",'stream':true", ",'n':2", ",'echo':true,'logprobs':1")) {
      servers.notBegun();
      try (RunningServer server = servers.start(few())) {
        try (RawClient client = RawClient.connect(server)) {
          client.write(request(ENDLESS.formatted(more)));
          servers.awaitBegin();
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
    servers.atStep(() -> await(gate));
    try (RunningServer server =
        servers.start(limits(1, 1, Duration.ofSeconds(10), Duration.ofSeconds(1)))) {
      try (RawClient first = RawClient.connect(server)) {
        first.write(request("{'prompt':'the','max_tokens':1}"));
        await(() -> server.metric("proxytune_requests_active") == 1);
        try (RawClient second = RawClient.connect(server)) {
          second.write(request("{'prompt':'the','max_tokens':1}"));
          await(() -> server.metric("proxytune_requests_waiting") == 1);
        }
        Thread.sleep(50); // until the server has noticed
        gate.countDown();
        assertThat(first.readUntil("finish_reason", 1)).startsWith("HTTP/1.1 200");
        await(() -> server.metric("proxytune_requests_waiting") == 0);
        await(() -> server.metric("proxytune_requests_cut_off_total") == 1);
      }
    }
  }

  @Test
  void requestsThatAreSentAheadAreAnsweredInTurn() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    try (RunningServer server = servers.start(few());
        RawClient client = RawClient.connect(server)) {
      String one = request("{'prompt':'the','max_tokens':3}");
      client.write(one + one + one);
      assertThat(client.readUntil("\"usage\"", 3)).contains("HTTP/1.1 200");
      servers.notBegun();
      servers.atStep(() -> await(gate));
      client.write(one);
      await(() -> server.metric("proxytune_requests_active") == 1);
      client.write(one); // read while the first is under way, and kept
      Thread.sleep(50);
      gate.countDown();
      assertThat(client.readUntil("\"usage\"", 2)).contains("HTTP/1.1 200");
      client.write(one);
      assertThat(client.readUntil("\"usage\"", 1)).contains("HTTP/1.1 200");
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
                RunningServer.settings(ApiKeys.none(), impatient, null), servers.model(longName));
        RawClient client = RawClient.connect(server)) {
      client.write(request(ENDLESS.formatted(",'stream':true")));
      await(() -> server.metric("proxytune_requests_active") == 1);
      await(() -> server.metric("proxytune_requests_active") == 0);
      assertThat(server.metric("proxytune_requests_cut_off_total")).isEqualTo(1);
    }
  }

  @Test
  void aClientThatIsSlowToSendIsLeft() throws Exception {
    try (RunningServer server =
            servers.start(limits(2, 2, Duration.ofMillis(200), Duration.ofSeconds(1)));
        RawClient body = RawClient.connect(server);
        RawClient headers = RawClient.connect(server)) {
      body.write(request("{'prompt':'the'}").replace("'the'", "'th"));
      headers.write("POST /v1/completions HTTP/1.1\r\nHost: he");
      assertThat(headers.readToEnd()).doesNotContain("200 OK");
      assertThat(server.metric("proxytune_requests_active")).isZero();
      body.write("");
    }
    try (RunningServer server =
            servers.start(limits(2, 2, Duration.ofMillis(200), Duration.ofSeconds(1)));
        RawClient body = RawClient.connect(server)) {
      String whole = request("{'prompt':'the'}");
      body.write(whole.substring(0, whole.length() - 3));
      assertThat(body.readToEnd()).doesNotContain("200 OK");
    }
  }
}
