package io.proxytune.examples.server;

import static io.proxytune.examples.server.PacedServers.PATH;
import static io.proxytune.examples.server.PacedServers.few;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, paths, errors, metrics and the page of a server. */
class HttpServerTest {
  @TempDir Path folder;
  private PacedServers servers;

  @BeforeEach
  void load() {
    servers = new PacedServers(folder);
  }

  @Test
  void nothingGoesOnWithoutAKey() {
    ApiKeys keys = ApiKeys.parse("keys", "# ours\n\n first-key \nsecond-key\n");
    assertThat(keys.toString()).doesNotContain("key-", "first");
    try (RunningServer server = servers.start(keys, few())) {
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
    try (RunningServer server = servers.start(few())) {
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
    try (RunningServer server = servers.start(few())) {
      servers.atStep(
          () -> {
            throw new IllegalStateException("the model is broken");
          });
      JsonNode error = server.refusal(PATH, "{'prompt':'the'}", 500);
      assertThat(error.get("type").textValue()).isEqualTo("server_error");
      assertThat(error.get("message").textValue()).contains("the model is broken");
      assertThat(server.post(PATH, "{'prompt':'the','stream':true}").statusCode()).isEqualTo(500);
      int[] steps = {0};
      servers.atStep(
          () -> {
            if (++steps[0] > 3) {
              throw new IllegalStateException("the model is broken");
            }
          });
      HttpResponse<String> cut = server.post(PATH, "{'prompt':'the','stream':true}");
      assertThat(cut.statusCode()).isEqualTo(200);
      assertThat(cut.body().strip().lines().reduce("", (a, b) -> b)).contains("\"error\"");
      assertThat(cut.body()).doesNotContain("[DONE]");
      servers.atStep(() -> {});
      assertThat(server.post(PATH, "{'prompt':'the'}").statusCode()).isEqualTo(200);
      assertThat(server.metric("proxytune_requests_active")).isZero();
    }
  }

  @Test
  void whatIsCountedIsShown() {
    try (RunningServer server = servers.start(few())) {
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
    try (RunningServer server = servers.start(few())) {
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
    try (RunningServer first = servers.start(few());
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
