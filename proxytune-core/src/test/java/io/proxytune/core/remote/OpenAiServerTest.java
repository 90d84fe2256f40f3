package io.proxytune.core.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.GoldenModels;
import io.proxytune.core.TorchModels;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PartialLogits;
import io.proxytune.model.PartialLogits.Uncertified;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A model on a server that speaks OpenAI's protocol beside the same model here. */
class OpenAiServerTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(10).withIgnoreEndOfText(true);
  private static final Prompt PROMPT = Prompt.ofIds(new int[] {5, 9, 14, 3});

  private final LogitModel base = TorchModels.load(GoldenModels.folder("trio/base"));
  private final FakeLlamaServer server =
      new FakeLlamaServer(0, base.tokenizer().orElseThrow(), base.width(), this::row);

  @AfterEach
  void close() {
    server.close();
    base.close();
  }

  private float[] row(int[] ids) {
    try (LogitSession session = base.newSession(ids.length);
        Logits logits = base.forward(List.of(new Segment(session, ids, Rows.LAST)))) {
      return logits.row(0);
    }
  }

  private OpenAiServer builder() {
    return RemoteModels.openAiServer(URI.create(server.address() + "/v1/")).vocabularyOf(base);
  }

  private static Logits logits(RemoteModel model, int... ids) {
    try (LogitSession session = model.newSession(ids.length)) {
      return model.forward(List.of(new Segment(session, ids, Rows.LAST)));
    }
  }

  @Test
  void steersAsAModelHereIsSteered() {
    try (LogitModel expert = TorchModels.load(GoldenModels.folder("trio/expert"));
        LogitModel antiExpert = TorchModels.load(GoldenModels.folder("trio/anti-expert"));
        RemoteModel remote =
            builder().tokensAsIds().likeliest(base.width(), Uncertified.REFUSE).connect();
        ProxyTuner here =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build();
        ProxyTuner there =
            ProxyTuner.builder().base(remote).expert(expert).antiExpert(antiExpert).build()) {
      assertThat(there.generate(PROMPT, OPTIONS).tokenIds())
          .isEqualTo(here.generate(PROMPT, OPTIONS).tokenIds());
      assertThat(remote.stats().requests()).isEqualTo(10);
      assertThat(remote.stats().uncertified()).isZero();
    }
  }

  /** A text may be that of several ids: what is not known is never taken for known. */
  @Test
  void textsAreMappedToIdsWhereTheyAreOneAlone() {
    try (RemoteModel remote = builder().likeliest(20, Uncertified.GO_ON).connect();
        Logits logits = logits(remote, 5, 9)) {
      PartialLogits partial = (PartialLogits) logits;
      double[] right = FakeLlamaServer.logprobs(row(new int[] {5, 9}));
      float[] shown = partial.row(0);
      int known = 0;
      for (int id = 0; id < shown.length; id++) {
        if (partial.isKnown(0, id)) {
          known++;
          assertThat(shown[id]).isEqualTo((float) right[id]);
        } else if (base.tokenizer().orElseThrow().token(id).isPresent()) {
          assertThat((double) shown[id]).isGreaterThanOrEqualTo((float) right[id]);
        }
      }
      assertThat(known).isBetween(10, 20);
      assertThat(remote.stats().shown()).isEqualTo(known);
      assertThat(remote.stats().unmapped()).isLessThanOrEqualTo(20 - known);
    }
  }

  @Test
  void knowsWhatTheServerSaysOfItself() {
    try (RemoteModel remote = builder().connect()) {
      assertThat(remote.name())
          .isEqualTo("/secret/folder/base.gguf at " + server.address() + "/v1");
      assertThat(remote.contextLength()).isEqualTo(63);
      assertThat(remote.endOfTextIds()).isEqualTo(base.endOfTextIds());
    }
    assertThatThrownBy(() -> builder().model("other").connect())
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("has no model other, but [/secret/folder/base.gguf]");
    server.context = 0;
    assertThatThrownBy(() -> builder().connect()).hasMessageContaining("contextLength(...)");
    try (RemoteModel remote = builder().contextLength(17).connect()) {
      assertThat(remote.contextLength()).isEqualTo(17);
    }
  }

  @Test
  void spendsNoMoreThanItMay() {
    try (RemoteModel byRequests = builder().ceiling(2, 100).connect();
        RemoteModel byTokens = builder().ceiling(100, 7).connect()) {
      logits(byRequests, 5).close();
      server.mishaps.add(exchange -> FakeLlamaServer.refuse(exchange, 500, "again"));
      assertThatThrownBy(() -> logits(byRequests, 5).close()) // the repeat is the third
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("2 of 2 requests and 4 of 100 tokens are spent");
      assertThat(server.asked).hasSize(2);
      logits(byTokens, 5, 6, 7).close();
      assertThatThrownBy(() -> logits(byTokens, 5, 6, 7).close())
          .hasMessageContaining("1 of 100 requests and 4 of 7 tokens are spent");
      assertThat(server.asked).hasSize(3);
    }
  }

  @Test
  @Tag("slow")
  void waitsAsLongAsItIsTold() {
    try (RemoteModel remote = builder().connect()) {
      server.mishaps.add(
          exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "1");
            FakeLlamaServer.refuse(exchange, 429, "slow down");
          });
      long start = System.nanoTime();
      logits(remote, 5).close();
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(1_000_000_000L);
      server.mishaps.add(
          exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "3600");
            FakeLlamaServer.refuse(exchange, 429, "come back tomorrow");
          });
      assertThatThrownBy(() -> logits(remote, 5).close())
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("429 (come back tomorrow), and asks to wait longer than");
    }
  }

  @Test
  void saysWhenNothingThatIsShownIsKnown() {
    try (FakeModel other =
            FakeModel.hashed("other", 1)
                .withTokenizer(
                    new AnyText(
                        IntStream.range(0, 40).mapToObj(i -> i == 0 ? "a" : "q" + i).toList()));
        RemoteModel remote =
            RemoteModels.openAiServer(URI.create(server.address() + "/v1"))
                .vocabularyOf(other)
                .connect()) {
      assertThatThrownBy(() -> logits(remote, 5).close())
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("is known here, such as '")
          .hasMessageContaining("is the vocabulary another?");
    }
  }

  @Test
  void saysWhatToDoWithAServerThatGivesTextAlone() {
    try (RemoteModel remote = builder().connect()) {
      server.mishaps.add(
          exchange ->
              FakeLlamaServer.send(
                  exchange,
                  200,
                  "{\"choices\":[{\"text\":\"Paris\",\"logprobs\":null}]}".getBytes(UTF_8)));
      assertThatThrownBy(() -> logits(remote, 5).close())
          .isInstanceOf(ServerException.class)
          .hasMessageContaining("no log-probabilities of the next token")
          .hasMessageContaining("have it write several");
    }
  }

  @Test
  void namesAreIdsWhereTheyAreOneAlone() {
    TokenNames names = new TokenNames(new AnyText(FakeTokenizer.letters()));
    assertThat(names.id("cat")).hasValue(38);
    assertThat(names.id("</s>")).hasValue(1);
    assertThat(names.id("dog")).isEmpty();
    assertThat(names.id("token_id:7")).hasValue(7);
    for (String wrong :
        List.of("token_id:", "token_id:40", "token_id:-1", "token_id:999999999999")) {
      assertThat(names.id(wrong)).as(wrong).isEmpty();
    }
    List<String> twice = FakeTokenizer.letters();
    twice.set(39, "the");
    assertThat(new TokenNames(new AnyText(twice)).id("the")).isEmpty();
  }
}
