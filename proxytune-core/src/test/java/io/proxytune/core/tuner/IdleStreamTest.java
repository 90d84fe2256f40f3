package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Batching;
import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams that nobody reads while others wait for the memory that they hold. */
@Tag("slow")
@Timeout(60)
class IdleStreamTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(12).withIgnoreEndOfText(true).withSeed(5);
  private static final Prompt PROMPT = Prompt.ofIds(5, 6, 7);

  private final TunerFixture fixture = new TunerFixture().prefillChunk(4);
  private final FakeModel base = model("base", 1);
  private final FakeModel expert = model("expert", 2);
  private final FakeModel antiExpert = model("anti", 1);
  private final ExecutorService callers = Executors.newCachedThreadPool();

  private static FakeModel model(String name, long seed) {
    return RandomRequests.markov(name, seed, 100).sharingPasses().withBytesPerToken(1);
  }

  @AfterEach
  void nothingStaysOpen() {
    callers.shutdownNow();
    fixture.assertNothingOpen();
  }

  /** Room for so many texts of all three models. */
  private DefaultProxyTuner tuner(int texts) {
    return fixture
        .batching(Batching.defaults().withCacheBytes(3L * (3 + 12) * texts))
        .tuner(base, ExpertPair.of(expert, antiExpert));
  }

  private static List<GenerationOptions> manners() {
    Sampler.Custom own = (logits, context) -> 5 + context.generatedIds().size() % 3;
    return List.of(
        OPTIONS.withSpeculation(Speculation.off()),
        OPTIONS.withSpeculation(Speculation.draft(3)).withLogprobs(2),
        OPTIONS.withSampler(Sampler.temperature(0.8)).withSpeculation(Speculation.draft(5)),
        OPTIONS.withPenalties(Penalties.NONE.withRepetition(1.3)),
        OPTIONS.withSampler(own).withSpeculation(Speculation.draft(4)),
        OPTIONS.withProcessors(List.of((logits, context) -> logits[9] += 1)));
  }

  private static List<Token> read(Iterator<Token> tokens, int count) {
    List<Token> read = new ArrayList<>();
    while (read.size() < count && tokens.hasNext()) {
      read.add(tokens.next());
    }
    return read;
  }

  @Test
  void theyGiveItUpAndGoOnWithTheSameTokens() {
    List<GenerationOptions> manners = manners();
    DefaultProxyTuner tuner = tuner(manners.size());
    List<Generation> alone = manners.stream().map(each -> tuner.generate(PROMPT, each)).toList();
    List<TokenStream> streams = manners.stream().map(each -> tuner.stream(PROMPT, each)).toList();
    List<List<Token>> read = new ArrayList<>();
    for (int i = 0; i < streams.size(); i++) {
      read.add(new ArrayList<>(read(streams.get(i).iterator(), 2 + i)));
    }
    assertThat(base.open()).as("sessions").isGreaterThanOrEqualTo(manners.size());

    int allOfIt = (3 + 12) * manners.size() - 3;
    Generation other = tuner.generate(PROMPT, OPTIONS.withMaxNewTokens(allOfIt));
    assertThat(other.tokenIds()).hasSize(allOfIt);
    assertThat(base.open()).as("what application code picks from").isLessThan(manners.size());

    for (int i = 0; i < streams.size(); i++) {
      read.get(i).addAll(read(streams.get(i).iterator(), 99));
      assertThat(read.get(i)).isEqualTo(alone.get(i).tokens());
      assertThat(streams.get(i).result().text()).isEqualTo(alone.get(i).text());
    }
  }

  @Test
  void theyAreCancelledAndClosedWithoutIt() {
    DefaultProxyTuner tuner = tuner(2);
    TokenStream cancelled = tuner.stream(PROMPT, OPTIONS);
    TokenStream closed = tuner.stream(PROMPT, OPTIONS);
    read(cancelled.iterator(), 1);
    read(closed.iterator(), 1);
    tuner.generate(PROMPT, OPTIONS.withMaxNewTokens(27));
    cancelled.cancel();
    closed.close();

    assertThat(cancelled.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(closed.result().tokens()).hasSize(1);
    tuner.generate(PROMPT, OPTIONS.withMaxNewTokens(27));
  }

  @Test
  void theyTakeTurnsWhereThereIsRoomForOne() throws Exception {
    DefaultProxyTuner tuner = tuner(1);
    Generation alone = tuner.generate(PROMPT, OPTIONS);
    try (TokenStream first = tuner.stream(PROMPT, OPTIONS);
        TokenStream second = tuner.stream(PROMPT, OPTIONS)) {
      List<Token> ofFirst = new ArrayList<>(read(first.iterator(), 2));
      List<Token> ofSecond = new ArrayList<>(read(second.iterator(), 3));
      ofFirst.addAll(read(first.iterator(), 2));
      ofSecond.addAll(read(second.iterator(), 2));

      assertThat(ofFirst).isEqualTo(alone.tokens().subList(0, 4));
      assertThat(ofSecond).isEqualTo(alone.tokens().subList(0, 5));
    }
  }

  @Test
  void rolesThatSpellATokenReadItSpelledAgain() {
    FakeTokenizer few = new FakeTokenizer(FakeTokenizer.letters().subList(0, 29), false);
    FakeModel small =
        FakeModel.hashed("small", 5, 29, 200)
            .withTokenizer(few)
            .sharingPasses()
            .withBytesPerToken(1);
    DefaultProxyTuner tuner =
        fixture
            .batching(Batching.defaults().withCacheBytes(45))
            .tuner(base, new ExpertPair(small, antiExpert, 0.5));
    GenerationOptions spelled =
        OPTIONS
            .withBannedIds(Set.of(31, 32, 33, 34, 35, 36, 37, 39))
            .withLogitBias(Map.of(29, 2.0, 30, 2.0, 38, 2.0));
    Generation alone = tuner.generate(PROMPT, spelled);
    assertThat(alone.tokenIds()).as("what the small model lacks").anyMatch(id -> id > 28);
    try (TokenStream idle = tuner.stream(PROMPT, spelled)) {
      List<Token> tokens = new ArrayList<>(read(idle.iterator(), 6));
      tuner.generate(PROMPT, spelled);
      tokens.addAll(read(idle.iterator(), 99));
      assertThat(tokens).isEqualTo(alone.tokens());
    }
  }

  /** Where a scaling depends on how far a pass reaches, reading again would give other logits. */
  @Test
  void theyKeepItWhereReadingAgainWouldChangeTheText() throws Exception {
    base.draftableTo(4);
    DefaultProxyTuner tuner = tuner(1);
    try (TokenStream idle = tuner.stream(PROMPT, OPTIONS)) {
      read(idle.iterator(), 3);
      Future<Generation> waits = callers.submit(() -> tuner.generate(PROMPT, OPTIONS));
      assertThatThrownBy(() -> waits.get(1500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      idle.close();
      assertThat(waits.get(30, TimeUnit.SECONDS).tokenIds()).hasSize(12);
    }
  }
}
