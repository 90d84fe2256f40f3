package io.proxytune.core.remote;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.VocabularyMismatchException;
import io.proxytune.core.GoldenModels;
import io.proxytune.core.TorchModels;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model on a llama.cpp server beside the same model here. */
class LlamaServerTest {
  private final LogitModel base = TorchModels.load(GoldenModels.folder("trio/base"));
  private final FakeLlamaServer server =
      new FakeLlamaServer(0, base.tokenizer().orElseThrow(), base.width(), ids -> row(base, ids));

  @AfterEach
  void close() {
    server.close();
    base.close();
  }

  private LlamaServer builder() {
    return RemoteModels.llamaServer(server.address()).vocabularyOf(base);
  }

  private static float[] row(LogitModel model, int... ids) {
    try (LogitSession session = model.newSession(ids.length);
        Logits logits = model.forward(List.of(new Segment(session, ids, Rows.LAST)))) {
      return logits.row(0);
    }
  }

  private static void assertRow(float[] row, double[] logprobs) {
    assertThat(row).hasSize(logprobs.length);
    IntStream.range(0, row.length)
        .forEach(id -> assertThat((double) row[id]).isCloseTo(logprobs[id], within(1e-5)));
  }

  @Test
  void knowsWhatTheServerSaysOfItself() {
    try (RemoteModel remote = builder().connect()) {
      assertThat(remote.name()).isEqualTo("base.gguf at " + server.address());
      assertThat(remote.width()).isEqualTo(base.width());
      assertThat(remote.contextLength()).isEqualTo(63);
      assertThat(remote.endOfTextIds()).isEqualTo(base.endOfTextIds());
      assertThat(remote.tokenizer()).isEqualTo(base.tokenizer());
      assertThat(remote.toString()).contains("base.gguf");
    }
  }

  @Test
  void asksForARowEachAndForNothingElse() {
    try (RemoteModel remote = builder().connect();
        LogitSession first = remote.newSession(8);
        LogitSession second = remote.newSession(8)) {
      remote.forward(List.of(new Segment(first, new int[] {5, 6}, Rows.NONE))).close();
      assertThat(server.asked).isEmpty();
      try (Logits logits =
          remote.forward(
              List.of(
                  new Segment(first, new int[] {7}, Rows.LAST),
                  new Segment(second, new int[] {8, 9}, Rows.ALL)))) {
        assertThat(logits.rows()).isEqualTo(3);
        assertRow(logits.row(0), FakeLlamaServer.logprobs(row(base, 5, 6, 7)));
        assertRow(logits.row(1), FakeLlamaServer.logprobs(row(base, 8)));
        assertRow(logits.row(2), FakeLlamaServer.logprobs(row(base, 8, 9)));
      }
      assertThat(server.asked).hasSize(3);
      assertThat(server.asked)
          .allSatisfy(body -> assertThat(body.path("n_probs").asInt()).isEqualTo(base.width()));
      assertThat(first.position()).isEqualTo(3);
      assertThat(remote.stats().rows()).isEqualTo(3);
      assertThat(remote.stats().tokens()).isEqualTo(3 + 1 + 2);
    }
  }

  /** Forks and cut sequences send what they hold, and a sequence comes back to its slot. */
  @Test
  void sessionsGoTheirOwnWays() {
    try (RemoteModel remote = builder().connect();
        LogitSession trunk = remote.newSession(8)) {
      remote.forward(List.of(new Segment(trunk, new int[] {5, 6, 7}, Rows.LAST))).close();
      try (LogitSession fork = trunk.fork(2, 6);
          Logits logits = remote.forward(List.of(new Segment(fork, new int[] {9}, Rows.LAST)))) {
        assertRow(logits.row(0), FakeLlamaServer.logprobs(row(base, 5, 6, 9)));
      }
      trunk.truncate(1);
      try (Logits logits = remote.forward(List.of(new Segment(trunk, new int[] {4}, Rows.LAST)))) {
        assertRow(logits.row(0), FakeLlamaServer.logprobs(row(base, 5, 4)));
      }
      List<Integer> slots =
          server.asked.stream().map(body -> body.path("id_slot").asInt()).toList();
      assertThat(slots).containsOnly(slots.get(0));
    }
  }

  /** The whole: a base on the server and experts here give the text of three models here. */
  @Test
  void steersAsAModelHereIsSteered() {
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(12).withIgnoreEndOfText(true);
    Prompt prompt = Prompt.ofIds(new int[] {5, 9, 14, 3});
    try (LogitModel expert = TorchModels.load(GoldenModels.folder("trio/expert"));
        LogitModel antiExpert = TorchModels.load(GoldenModels.folder("trio/anti-expert"));
        RemoteModel remote = builder().connect();
        ProxyTuner here = tuner(base, expert, antiExpert);
        ProxyTuner there = tuner(remote, expert, antiExpert)) {
      List<Integer> right = here.generate(prompt, options).tokenIds();
      assertThat(there.generate(prompt, options).tokenIds()).isEqualTo(right);
      assertThat(there.generateMany(prompt, 3, options))
          .allSatisfy(text -> assertThat(text.tokenIds()).isEqualTo(right));
      int[] ids = right.stream().mapToInt(Integer::intValue).toArray();
      double score = here.logprobs(prompt, ids, 0).stream().mapToDouble(t -> t.logprob()).sum();
      assertThat(there.logprobs(prompt, ids, 0).stream().mapToDouble(t -> t.logprob()).sum())
          .isCloseTo(score, within(1e-3));
      assertThat(server.mostAtOnce.get()).isLessThanOrEqualTo(2);
    }
  }

  private static ProxyTuner tuner(LogitModel base, LogitModel expert, LogitModel antiExpert) {
    return ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build();
  }

  @Test
  void asksForSeveralRowsAtOnceButNoMoreThanItMay() {
    server.slots = 4;
    try (RemoteModel remote = builder().parallel(3).connect()) {
      List<LogitSession> sessions =
          IntStream.range(0, 9).mapToObj(i -> remote.newSession(4)).toList();
      List<Segment> segments =
          IntStream.range(0, 9)
              .mapToObj(i -> new Segment(sessions.get(i), new int[] {i + 3}, Rows.LAST))
              .toList();
      CyclicBarrier three = new CyclicBarrier(3);
      for (int i = 0; i < 3; i++) {
        server.mishaps.add(new Together(three)); // which would wait for the others in vain
      }
      try (Logits logits = remote.forward(segments)) {
        assertThat(logits.rows()).isEqualTo(9);
      }
      assertThat(server.mostAtOnce.get()).isEqualTo(3);
    }
  }

  @Test
  void refusesAVocabularyOfOtherIds() {
    List<String> swapped = FakeTokenizer.letters();
    Collections.swap(swapped, 5, 6);
    try (FakeLlamaServer other =
            new FakeLlamaServer(0, new AnyText(FakeTokenizer.letters()), 40, ids -> new float[40]);
        FakeModel model = FakeModel.hashed("other", 1).withTokenizer(new AnyText(swapped))) {
      assertThatThrownBy(
              () -> RemoteModels.llamaServer(other.address()).vocabularyOf(model).connect())
          .isInstanceOf(VocabularyMismatchException.class)
          .hasMessageContaining("base.gguf at " + other.address())
          .hasMessageContaining("Name the folder");
    }
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> RemoteModels.llamaServer(server.address()).connect())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("vocabularyOf(...)");
    assertThatThrownBy(
            () ->
                RemoteModels.llamaServer(server.address())
                    .vocabularyOf(FakeModel.withoutTokenizer("ids", 1)))
        .hasMessageContaining("'ids' has no tokenizer");
    for (String address :
        List.of("localhost:8080", "ftp://host", "/models/base", "http://host/?a=b")) {
      assertThatThrownBy(() -> RemoteModels.llamaServer(URI.create(address)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("such as http://localhost:8080, got " + address);
    }
    assertThatThrownBy(() -> RemoteModels.llamaServer(URI.create("http://me:secret@host")))
        .hasMessageContaining("apiKeyFile")
        .hasMessageNotContaining("secret");
  }

  @Test
  void refusesWhatDoesNotFit() throws Exception {
    try (RemoteModel remote = builder().connect();
        LogitSession session = remote.newSession(2)) {
      assertThatThrownBy(() -> remote.newSession(64)).hasMessageContaining("[1, 63], got 64");
      Segment tooLong = new Segment(session, new int[] {1, 2, 3}, Rows.LAST);
      assertThatThrownBy(() -> remote.forward(List.of(tooLong)))
          .hasMessageContaining("3 tokens do not fit at position 0");
      Segment foreign = new Segment(base.newSession(4), new int[] {1}, Rows.LAST);
      assertThatThrownBy(() -> remote.forward(List.of(foreign)))
          .hasMessageContaining("a session of source 'base'");
      Segment unknown = new Segment(session, new int[] {base.width()}, Rows.LAST);
      assertThatThrownBy(() -> remote.forward(List.of(unknown)))
          .hasMessageContaining("token id must be in [0, " + base.width() + ")");
      Segment right = new Segment(session, new int[] {1}, Rows.LAST);
      assertThatThrownBy(() -> remote.forward(List.of(right, right)))
          .hasMessageContaining("in two segments");
      assertThat(server.asked).isEmpty();
      assertThat(session.position()).isZero();
      remote.forward(List.of(right)).close(); // nothing was left in use
      AutoCloseable closed = remote;
      closed.close();
      assertThatThrownBy(() -> remote.forward(List.of(right))).hasMessageContaining("is closed");
    }
  }

  @Test
  void theKeyGoesToTheServerAndNowhereElse(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "# of the server\n\n  sk-12345 \n");
    try (RemoteModel remote = builder().apiKeyFile(file).connect();
        LogitSession session = remote.newSession(2)) {
      server.mishaps.add(
          exchange -> FakeLlamaServer.refuse(exchange, 401, "the key sk-12345 is not known"));
      Segment segment = new Segment(session, new int[] {1}, Rows.LAST);
      assertThatThrownBy(() -> remote.forward(List.of(segment)))
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("401 (the key [key] is not known)")
          .hasMessageContaining("apiKeyFile")
          .hasMessageNotContaining("12345");
      assertThat(server.keys).containsOnly("Bearer sk-12345");
      assertThat(remote.toString()).doesNotContain("12345");
    }
    Path empty = Files.writeString(folder.resolve("empty"), "# nothing\n");
    assertThatThrownBy(() -> builder().apiKeyFile(empty)).hasMessageContaining("holds no key");
    assertThatThrownBy(() -> builder().apiKeyVariable("PROXYTUNE_NO_SUCH_VARIABLE"))
        .hasMessageContaining("PROXYTUNE_NO_SUCH_VARIABLE holds no key");
  }

  /** What the fake says is shaped as what a real server said. */
  @Test
  void theFakeSpeaksAsTheRealServerDid() {
    JsonNode real = Recorded.llama("completion");
    JsonNode fake = server.row(new int[] {5, 6}, 5);
    assertThat(fields(fake)).isSubsetOf(fields(real));
    assertThat(fields(fake)).contains("completion_probabilities.top_logprobs.logprob");
  }

  private static List<String> fields(JsonNode node) {
    return Recorded.paths(node, "").distinct().collect(toList());
  }
}
