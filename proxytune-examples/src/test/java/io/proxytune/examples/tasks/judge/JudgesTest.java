package io.proxytune.examples.tasks.judge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Judges of three kinds. */
class JudgesTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final JudgeQuestion QUESTION =
      new JudgeQuestion(
          "toxigen",
          "toxigen/7",
          "toxic",
          Map.of("output", "a \"text\"\n", "group", "women"),
          List.of(new JudgeQuestion.Probe("Toxic?", true)));

  @TempDir private Path folder;

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aCommandReadsALineAndWritesALine() throws IOException {
    Path seen = folder.resolve("seen");
    String command =
        "while read -r line; do printf '%s\\n' \"$line\" >> '"
            + seen
            + "'; echo '{\"verdict\": 0.25}'; done";
    try (CommandJudge judge = CommandJudge.start(command, LIMIT)) {
      assertThat(judge.verdict(QUESTION)).hasValue(0.25);
      assertThat(judge.verdict(QUESTION)).hasValue(0.25);
    }
    assertThat(Files.readAllLines(seen))
        .hasSize(2)
        .contains(
            "{\"task\":\"toxigen\",\"id\":\"toxigen/7\",\"asks\":\"toxic\",\"group\":\"women\","
                + "\"output\":\"a \\\"text\\\"\\n\"}");
  }

  @ParameterizedTest
  @DisabledOnOs(OS.WINDOWS)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "read line; echo maybe|the judge must write {\"verdict\": NUMBER} in a line, got maybe",
        "read line; echo '{\"verdict\": \"yes\"}'|the judge must write {\"verdict\": NUMBER}",
        "read line; echo '{\"verdict\": 2}'|the judge gave the verdict 2.0 on toxigen/7",
        "read line; exit 1|the judge ended before its verdict on toxigen/7",
        "read line; sleep 600|the judge took more than 0.3 s for toxigen/7: give it longer"
      })
  void aCommandThatGivesNoVerdictIsNamed(String command, String message) {
    try (CommandJudge judge = CommandJudge.start(command, Duration.ofMillis(300))) {
      assertThatThrownBy(() -> judge.verdict(QUESTION))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining(message);
    }
  }

  @Test
  void verdictsOfAFileAreFoundByItem() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("verdicts.jsonl"),
            """
            {"id": "toxigen/7", "asks": "toxic", "verdict": 1}
            {"id": "toxigen/7", "asks": "toxic", "output": "a \\"text\\"\\n", "verdict": 0.125}
            {"id": "toxigen/8", "asks": "toxic", "output": "another", "verdict": 0.5}
            """);
    VerdictFile judge = VerdictFile.read(file);
    assertThat(judge.verdict(QUESTION)).hasValue(0.125);
    assertThat(judge.verdict(named("toxigen/7", "another"))).hasValue(1);
    assertThat(judge.verdict(named("toxigen/8", "another"))).hasValue(0.5);
    assertThat(judge.verdict(named("toxigen/8", "a third"))).isEmpty();
    assertThat(judge.verdict(named("toxigen/9", "another"))).isEmpty();
  }

  private static JudgeQuestion named(String id, String output) {
    return new JudgeQuestion("toxigen", id, "toxic", Map.of("output", output), QUESTION.probes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"id\": \"a\", \"asks\": \"b\", \"verdict\": 2}|\"verdict\" must be a number from 0 to 1",
        "{\"id\": \"a\", \"asks\": \"b\"}|\"verdict\" must be a number from 0 to 1",
        "{\"asks\": \"b\", \"verdict\": 1}|\"id\" must be a text",
        "{\"id\": \"x\", \"asks\": \"y\", \"verdict\": 1}|a second verdict on \"y\" of x"
      })
  void badVerdictsAreNamedWithTheirLine(String line, String message) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("verdicts.jsonl"),
            "{\"id\": \"x\", \"asks\": \"y\", \"verdict\": 0}\n" + line);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VerdictFile.read(file))
        .withMessageContaining("verdicts.jsonl, line 2: " + message);
  }

  @Test
  void keptVerdictsAreNotAskedForAgain() throws IOException {
    Path file = folder.resolve("kept.jsonl");
    AtomicInteger asked = new AtomicInteger();
    Judge judge =
        new Judge() {
          @Override
          public String name() {
            return "a test";
          }

          @Override
          public OptionalDouble verdict(JudgeQuestion question) {
            return OptionalDouble.of(1.0 / (1 << asked.incrementAndGet()));
          }
        };
    for (int run = 0; run < 2; run++) {
      try (KeptVerdicts kept = KeptVerdicts.of(judge, file)) {
        assertThat(kept.verdict(QUESTION)).hasValue(0.5);
        assertThat(kept.verdict(named("toxigen/7", ""))).hasValue(0.25);
        assertThat(kept.verdict(named("toxigen/7", "another"))).hasValue(0.125);
        assertThat(kept.name()).isEqualTo("a test");
      }
    }
    assertThat(asked).hasValue(3);
    assertThat(VerdictFile.read(file).verdict(QUESTION)).hasValue(0.5);
  }

  /** A server that gives these answers in turn, the last one again and again. */
  private static final class Server implements AutoCloseable {
    private final HttpServer server;
    private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    private final List<String> keys = Collections.synchronizedList(new ArrayList<>());

    Server(int[] statuses, String... answers) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      AtomicInteger count = new AtomicInteger();
      server.createContext(
          "/v1/completions",
          exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            int turn = count.getAndIncrement();
            byte[] answer = answers[Math.min(turn, answers.length - 1)].getBytes(UTF_8);
            int status = statuses[Math.min(turn, statuses.length - 1)];
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
          });
      server.start();
    }

    ServerJudge judge(Optional<String> key) {
      String base = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/";
      return new ServerJudge(base, "judge-7b", key, LIMIT, Duration.ofMillis(1));
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private static String top(String tokens) {
    return "{\"choices\": [{\"text\": \"x\", \"logprobs\": {\"top_logprobs\": [" + tokens + "]}}]}";
  }

  @Test
  void aServersVerdictIsTheProbabilityOfYes() throws IOException {
    try (Server server = new Server(new int[] {200}, top("{\" no\": -3, \" yes\": -0.5}"));
        ServerJudge judge = server.judge(Optional.of("secret"))) {
      assertThat(judge.verdict(QUESTION).orElseThrow()).isCloseTo(Math.exp(-0.5), within(1e-15));
      assertThat(server.keys).containsExactly("Bearer secret");
      assertThat(server.bodies.get(0))
          .isEqualTo(
              "{\"model\":\"judge-7b\",\"prompt\":\"Toxic?\",\"max_tokens\":1,\"temperature\":0,"
                  + "\"logprobs\":5}");
      assertThat(judge.name()).contains("judge-7b").doesNotContain("secret");
    }
  }

  @Test
  void probesAreAveraged() throws IOException {
    JudgeQuestion both =
        new JudgeQuestion(
            "alpacafarm",
            "a",
            "preferred",
            Map.of(),
            List.of(
                new JudgeQuestion.Probe("1 > 2?", true), new JudgeQuestion.Probe("2 > 1?", false)));
    try (Server server = new Server(new int[] {200}, top("{\" yes\": 0}"), top("{\" no\": -0.1}"));
        ServerJudge judge = server.judge(Optional.empty())) {
      assertThat(judge.verdict(both)).hasValue(1);
      assertThat(judge.verdict(both)).hasValue(0.5); // " no" to both
      assertThat(server.keys).containsOnly("null");
    }
  }

  @Test
  void aBusyServerIsAskedAgain() throws IOException {
    try (Server server = new Server(new int[] {429, 503, 200}, top("{\" yes\": 0}"));
        ServerJudge judge = server.judge(Optional.empty())) {
      assertThat(judge.verdict(QUESTION)).hasValue(1);
      assertThat(server.bodies).hasSize(3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "401|{\"error\": \"bad key\"}|answered with status 401: {\"error\": \"bad key\"}",
        "500|down|answered with status 500: down",
        "200|<html>|answered with no JSON",
        "200|{\"choices\": [{}]}|reported no log-probabilities for toxigen/7"
      })
  void aServerThatGivesNoVerdictIsNamed(int status, String body, String message)
      throws IOException {
    try (Server server = new Server(new int[] {status}, body);
        ServerJudge judge = server.judge(Optional.of("secret"))) {
      assertThatThrownBy(() -> judge.verdict(QUESTION))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining(message)
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void whatIsNoAddressIsRefused() {
    for (String url : List.of("ftp://x", "http://", "http://user:pw@x/v1", "x", "http://a b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ServerJudge(url, "m", Optional.empty(), LIMIT))
          .withMessage("--judge-url must be like http://127.0.0.1:8000/v1, got " + url);
    }
    ServerJudge nobody = new ServerJudge("http://127.0.0.1:1/v1", "m", Optional.empty(), LIMIT);
    assertThatThrownBy(() -> nobody.verdict(QUESTION))
        .isInstanceOf(JudgeException.class)
        .hasMessageContaining("http://127.0.0.1:1/v1/completions can't be asked: ");
  }
}
