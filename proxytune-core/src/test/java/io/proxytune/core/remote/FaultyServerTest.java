package io.proxytune.core.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that load, fail, die, are slow, or say something else. */
class FaultyServerTest {
  private static final int WIDTH = 40;
  private static final AnyText LETTERS = new AnyText(FakeTokenizer.letters());

  private final ServerSettings settings =
      ServerSettings.defaults()
          .withStartTimeout(Duration.ofSeconds(20))
          .withAnswerTimeout(Duration.ofSeconds(20));
  private FakeLlamaServer server = serverAt(0);

  private static FakeLlamaServer serverAt(int port) {
    return new FakeLlamaServer(port, LETTERS, WIDTH, FaultyServerTest::logits);
  }

  private static float[] logits(int[] ids) {
    return FakeModel.hashedRow(IntStream.of(ids).boxed().toList(), 7, WIDTH);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private RemoteModel connect(ServerSettings given) {
    return RemoteModels.llamaServer(server.address())
        .vocabularyOf(FakeModel.hashed("letters", 1).withTokenizer(LETTERS))
        .settings(given)
        .connect();
  }

  private static float[] row(RemoteModel model, int... ids) {
    try (LogitSession session = model.newSession(ids.length);
        Logits logits = model.forward(List.of(new Segment(session, ids, Rows.LAST)))) {
      return logits.row(0);
    }
  }

  private static FakeLlamaServer.Mishap refusing(int status, String message) {
    return exchange -> FakeLlamaServer.refuse(exchange, status, message);
  }

  /** Sends something and then nothing for ever, until it notices that nobody listens. */
  private static FakeLlamaServer.Mishap endless(CountDownLatch begun, CountDownLatch noticed) {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      begun.countDown();
      try (OutputStream out = exchange.getResponseBody()) {
        while (true) {
          out.write(' ');
          out.flush();
          Thread.sleep(5);
        }
      } catch (IOException e) {
        noticed.countDown();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void waitsForAServerThatIsLoading() {
    for (int i = 0; i < 3; i++) {
      server.healthMishaps.add(refusing(503, "Loading model"));
    }
    try (RemoteModel model = connect(settings)) {
      assertThat(server.healthMishaps).isEmpty();
      assertThat(row(model, 3)).hasSize(WIDTH);
    }
  }

  @Test
  void doesNotWaitForEver() {
    for (int i = 0; i < 100; i++) {
      server.healthMishaps.add(refusing(503, "Loading model"));
    }
    assertThatThrownBy(() -> connect(settings.withStartTimeout(Duration.ofMillis(300))))
        .isInstanceOfSatisfying(ServerException.class, e -> assertThat(e.status()).hasValue(503))
        .hasMessageContaining(server.address() + " answered 503 (Loading model)")
        .hasMessageContaining("300 ms")
        .hasMessageContaining("withStartTimeout");
  }

  @Test
  void saysThatNobodyIsThere() {
    server.close();
    assertThatThrownBy(() -> connect(settings.withStartTimeout(Duration.ZERO)))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining(server.address() + " can't be reached")
        .hasMessageContaining("check the address");
  }

  /** Nothing was kept on the old one that the new one needs. */
  @Test
  void goesOnWithAServerThatWasKilledAndStartedAgain() throws Exception {
    try (RemoteModel model = connect(settings);
        LogitSession session = model.newSession(4)) {
      model.forward(List.of(new Segment(session, new int[] {3, 4}, Rows.LAST))).close();
      int port = server.port();
      server.close();
      CompletableFuture<Logits> row =
          CompletableFuture.supplyAsync(
              () -> model.forward(List.of(new Segment(session, new int[] {5}, Rows.LAST))));
      Thread.sleep(150); // it is refused meanwhile
      assertThat(row).isNotDone();
      server = serverAt(port);
      try (Logits logits = row.get(20, TimeUnit.SECONDS)) {
        assertThat(logits.row(0)[9])
            .isEqualTo((float) FakeLlamaServer.logprobs(logits(new int[] {3, 4, 5}))[9]);
      }
      assertThat(model.stats().repeated()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 504, 429})
  void asksAgainWhereThatMayHelp(int status) {
    try (RemoteModel model = connect(settings)) {
      server.mishaps.add(refusing(status, "no slot"));
      assertThat(row(model, 3)).hasSize(WIDTH);
      assertThat(model.stats().requests()).isEqualTo(2);
      assertThat(model.stats().repeated()).isEqualTo(1);
      assertThat(model.stats().rows()).isEqualTo(1);
    }
  }

  @Test
  void asksNoMoreOftenThanItIsTold() {
    try (RemoteModel model = connect(settings.withRetries(1))) {
      server.mishaps.add(refusing(500, "first"));
      server.mishaps.add(refusing(500, "second"));
      assertThatThrownBy(() -> row(model, 3))
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("answered 500 (second), at the last of 2 attempts");
      assertThat(server.asked).hasSize(2);
    }
  }

  @Test
  void otherRefusalsAreFinal() {
    try (RemoteModel model = connect(settings)) {
      server.mishaps.add(refusing(400, "Prompt contains invalid tokens"));
      assertThatThrownBy(() -> row(model, 3))
          .isInstanceOf(ServerException.class)
          .hasMessage(
              "the server %s answered 400 (Prompt contains invalid tokens)", server.address());
      assertThat(server.asked).hasSize(1);
      assertThat(row(model, 3)).hasSize(WIDTH); // and nothing stays in use
    }
  }

  @Test
  void asksAgainForWhatWasCutShort() {
    try (RemoteModel model = connect(settings)) {
      byte[] whole = server.row(new int[] {3}, WIDTH).toString().getBytes(UTF_8);
      server.mishaps.add(exchange -> cut(exchange, whole, whole.length / 2, whole.length));
      server.mishaps.add(exchange -> cut(exchange, whole, whole.length / 2, whole.length / 2));
      assertThat(row(model, 3)).isEqualTo(row(model, 3));
      assertThat(model.stats().repeated()).isEqualTo(2);
    }
  }

  /** Ends in the midst of what it said would come, or says less. */
  private static void cut(HttpExchange exchange, byte[] bytes, int sent, int promised)
      throws IOException {
    exchange.sendResponseHeaders(200, promised);
    exchange.getResponseBody().write(bytes, 0, sent);
    exchange.getResponseBody().flush();
    exchange.close();
  }

  @Test
  void anAnswerToSomethingElseIsFinal() {
    try (RemoteModel model = connect(settings)) {
      server.mishaps.add(exchange -> FakeLlamaServer.send(exchange, 200, "<html>".getBytes(UTF_8)));
      assertThatThrownBy(() -> row(model, 3))
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("does not answer as expected: it is no JSON");
      server.mishaps.add(exchange -> FakeLlamaServer.reply(exchange, server.row(new int[1], 9)));
      assertThatThrownBy(() -> row(model, 3))
          .hasMessageContaining("log-probabilities of 9 tokens, expected 40");
      assertThat(server.asked).hasSize(2);
    }
  }

  /** The whole answer has to come in time, not its beginning alone. */
  @Test
  void givesUpASlowAnswerAndItsConnection() {
    CountDownLatch noticed = new CountDownLatch(1);
    ServerSettings hasty = settings.withAnswerTimeout(Duration.ofMillis(300)).withRetries(0);
    try (RemoteModel model = connect(settings);
        RemoteModel impatient = connect(hasty)) {
      server.mishaps.add(endless(new CountDownLatch(1), noticed));
      assertThatThrownBy(() -> row(impatient, 3))
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("gave no whole answer within 300 ms");
      await(noticed);
      assertThat(row(model, 3)).hasSize(WIDTH);
    }
  }

  @Test
  void anInterruptReachesTheServer() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch noticed = new CountDownLatch(1);
    try (RemoteModel model = connect(settings);
        LogitSession session = model.newSession(4)) {
      server.mishaps.add(endless(begun, noticed));
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Segment segment = new Segment(session, new int[] {3}, Rows.LAST);
      Thread reader =
          new Thread(
              () -> {
                try {
                  model.forward(List.of(segment)).close();
                } catch (CancellationException e) {
                  interrupted.complete(Thread.currentThread().isInterrupted());
                }
              });
      reader.start();
      await(begun);
      reader.interrupt();
      assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
      await(noticed);
      assertThat(session.position()).isZero();
      model.forward(List.of(segment)).close(); // the session and the slot are free again
    }
  }

  @Test
  void closingTheModelReachesTheServer() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch noticed = new CountDownLatch(1);
    RemoteModel model = connect(settings);
    server.mishaps.add(endless(begun, noticed));
    CompletableFuture<float[]> row = CompletableFuture.supplyAsync(() -> row(model, 3));
    await(begun);
    model.close();
    await(noticed);
    assertThatThrownBy(row::join).hasRootCauseInstanceOf(IllegalStateException.class);
    model.close();
  }

  @Test
  void aCancelledTextReachesTheServer() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch noticed = new CountDownLatch(1);
    try (RemoteModel model = connect(settings);
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      server.mishaps.add(endless(begun, noticed));
      TokenStream stream = tuner.stream(Prompt.ofIds(new int[] {3}), GenerationOptions.defaults());
      CompletableFuture<Generation> text = CompletableFuture.supplyAsync(stream::result);
      await(begun);
      stream.cancel();
      await(noticed);
      assertThat(text.get(20, TimeUnit.SECONDS).finishReason()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  @Test
  void aDeadlineReachesTheServer() {
    CountDownLatch noticed = new CountDownLatch(1);
    GenerationOptions hasty = GenerationOptions.defaults().withTimeLimit(Duration.ofMillis(300));
    try (RemoteModel model = connect(settings);
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      server.mishaps.add(endless(new CountDownLatch(1), noticed));
      Generation text = tuner.generate(Prompt.ofIds(new int[] {3}), hasty);
      assertThat(text.finishReason()).isEqualTo(FinishReason.DEADLINE);
      await(noticed);
    }
  }

  @Test
  void aFailedServerFailsTheText() {
    try (RemoteModel model = connect(settings.withRetries(0));
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      server.mishaps.add(refusing(500, "out of memory"));
      assertThatThrownBy(
              () -> tuner.generate(Prompt.ofIds(new int[] {3}), GenerationOptions.defaults()))
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("out of memory");
      assertThat(
              tuner
                  .generate(
                      Prompt.ofIds(new int[] {3}), GenerationOptions.defaults().withMaxNewTokens(2))
                  .tokenIds())
          .hasSize(2);
    }
  }
}
