package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Role;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command that serves: its options, and how it begins and ends. */
class ServeCommandTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final FakeEngine engine = new FakeEngine();

  private static String[] serve(String... more) {
    return Stream.concat(Stream.of(command("--port", "0")), Stream.of(more)).toArray(String[]::new);
  }

  private static String[] command(String... more) {
    return Stream.concat(Stream.of("serve", "--base", "a"), Stream.of(more)).toArray(String[]::new);
  }

  private static String get(URI address, String path) {
    return send(HttpRequest.newBuilder(address.resolve(path)).build());
  }

  private static String chat(URI address) {
    String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"why\"}]}";
    return send(
        HttpRequest.newBuilder(address.resolve("/v1/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  private static String send(HttpRequest request) {
    try {
      return CLIENT.send(request, BodyHandlers.ofString()).body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void itServesUntilItIsToldToEnd() {
    List<String> answers = new ArrayList<>();
    CliRun run =
        CliRun.serving(
            engine,
            address -> {
              answers.add(get(address, "/v1/models"));
              answers.add(get(address, "/health"));
            },
            serve("--expert", "b", "--anti-expert", "c", "--alpha", "0.5"));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).matches("serving at http://127\\.0\\.0\\.1:\\d+/v1\\R");
    assertThat(run.err()).isEmpty();
    assertThat(answers.get(0)).contains("\"a+b\"", "\"alpha\":[0.5]");
    assertThat(answers.get(1)).isEqualTo("{\"status\":\"ok\"}");
    assertThat(engine.closed).contains("tuner", "a", "b", "c");
  }

  @Test
  void requestsAreReadAsTheOptionsSay() {
    CliRun run =
        CliRun.serving(
            engine,
            ServeCommandTest::chat,
            serve(
                "--expert",
                "b",
                "--anti-expert",
                "c",
                "--model-name",
                "mine",
                "--chat-tokens",
                "33",
                "--template-roles",
                "base,expert"));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(engine.tuner.options.maxNewTokens()).isEqualTo(33);
    assertThat(engine.tuner.prompt.usesChatTemplate(Role.BASE, true)).isTrue();
    assertThat(engine.tuner.prompt.usesChatTemplate(Role.ANTI_EXPERT, true)).isFalse();
  }

  @Test
  void modelsAreFusedAsTheOptionsSay() {
    List<String> answers = new ArrayList<>();
    CliRun run =
        CliRun.serving(
            engine,
            address -> answers.add(get(address, "/v1/models")),
            serve("--preset", "mixture", "--source", "s", "--weight", "0.3"));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(answers.get(0)).contains("\"a+s\"", "\"alpha\":[]");
    assertThat(engine.fusion.terms()).hasSize(1);
    assertThat(engine.fusion.terms().get(0).weight()).isEqualTo(0.3);
  }

  @Test
  void keysOfAFileAreAskedFor(@TempDir Path folder) throws IOException {
    Path keys = Files.writeString(folder.resolve("keys"), "top-secret\n");
    List<String> answers = new ArrayList<>();
    CliRun run =
        CliRun.serving(
            engine,
            address -> answers.add(get(address, "/v1/models")),
            serve("--api-key-file", keys.toString(), "--host", "0.0.0.0"));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(answers.get(0)).contains("asks for a key");
    assertThat(run.out() + run.err()).doesNotContain("top-secret", "proxytune:");
  }

  @Test
  void anOpenDoorIsMentioned() {
    CliRun run = CliRun.serving(engine, address -> {}, serve("--host", "0.0.0.0"));
    assertThat(run.status()).isZero();
    assertThat(run.err()).contains("whoever reaches 0.0.0.0").contains("--api-key-file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--port 70000 | --port must be in [0, 65535], got 70000",
        "--requests 0 | --requests must be >= 1, got 0",
        "--queue -1 | --queue must be >= 0, got -1",
        "--max-body 0 | --max-body must be in [1, 1024], got 0",
        "--chat-tokens 0 | --chat-tokens must be >= 1, got 0",
        "--api-key-file /nowhere/keys | there is no such file",
        "--host no.such.host.invalid | --host no.such.host.invalid is no address",
        "--preset context-aware | --preset context-aware compares two prompts, and a request to"
            + " 'serve'",
        "--preset mixture | --preset mixture is of the base and one --source MODEL",
        "--template-roles judge | --template-roles takes base, expert and anti-expert"
      })
  void whatCannotWorkIsSaidBeforeAnythingIsLoaded(String options, String message) {
    CliRun run = CliRun.of(engine, command(options.split(" ", -1)));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(engine.loads).isEmpty();
  }
}
