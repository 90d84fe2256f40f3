package io.proxytune.core.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Choice;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.ModelException;
import io.proxytune.OptionsNotShownException;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Score.TokenScore;
import io.proxytune.TokenStream;
import io.proxytune.Tokenizer;
import io.proxytune.core.GoldenModels;
import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PartialLogits.Uncertified;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A base that shows its likeliest tokens only, beside the same base whole. */
class LikeliestTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(20).withIgnoreEndOfText(true);
  private static final Prompt PROMPT = Prompt.ofIds(new int[] {5, 9, 14, 3});

  private static LogitModel base;
  private static LogitModel expert;
  private static LogitModel antiExpert;

  private final FakeLlamaServer server =
      new FakeLlamaServer(0, base.tokenizer().orElseThrow(), base.width(), LikeliestTest::row);

  @BeforeAll
  static void load() {
    base = TorchModels.load(GoldenModels.folder("trio/base"));
    expert = TorchModels.load(GoldenModels.folder("trio/expert"));
    antiExpert = TorchModels.load(GoldenModels.folder("trio/anti-expert"));
  }

  @AfterAll
  static void closeModels() {
    antiExpert.close();
    expert.close();
    base.close();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static float[] row(int[] ids) {
    try (LogitSession session = base.newSession(ids.length);
        Logits logits = base.forward(List.of(new Segment(session, ids, Rows.LAST)))) {
      return logits.row(0);
    }
  }

  private RemoteModel connect(int first, int most, Uncertified uncertified) {
    return RemoteModels.llamaServer(server.address())
        .vocabularyOf(base)
        .likeliest(first, most, uncertified)
        .connect();
  }

  private static ProxyTuner steered(LogitModel steeredBase) {
    return ProxyTuner.builder().base(steeredBase).expert(expert).antiExpert(antiExpert).build();
  }

  @Test
  void theTextIsThatOfWholeRowsWhereMoreTokensAreShownAsNeeded() {
    try (RemoteModel partial = connect(2, base.width(), Uncertified.REFUSE);
        ProxyTuner here = steered(base);
        ProxyTuner there = steered(partial)) {
      assertThat(there.generate(PROMPT, OPTIONS).tokenIds())
          .isEqualTo(here.generate(PROMPT, OPTIONS).tokenIds());
      ServerStats stats = partial.stats();
      assertThat(stats.certified()).isEqualTo(20);
      assertThat(stats.uncertified()).isZero();
      assertThat(stats.certifiedShare()).isEqualTo(1);
      assertThat(stats.meanShown()).isBetween(2.0, base.width() / 2.0);
      assertThat(stats.meanMissing()).isBetween(0.0, 1.0);
      Set<Integer> counts = new HashSet<>();
      server.asked.forEach(body -> counts.add(body.path("n_probs").asInt()));
      assertThat(counts).contains(2, 4); // doubled where that was not enough
      assertThat(stats.rows()).isEqualTo(server.asked.size()).isGreaterThan(20);
    }
  }

  @Test
  void refusesOrGoesOnWhereTheServerShowsNoMore() {
    try (RemoteModel strict = connect(1, 1, Uncertified.REFUSE);
        RemoteModel loose = connect(1, 1, Uncertified.GO_ON);
        ProxyTuner refusing = steered(strict);
        ProxyTuner going = steered(loose);
        ProxyTuner plain = ProxyTuner.builder().base(base).build()) {
      assertThatThrownBy(() -> refusing.generate(PROMPT, OPTIONS))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("base ('base.gguf at")
          .hasMessageContaining("too few tokens to be certain of the next one");
      assertThat(strict.stats().uncertified()).isEqualTo(1);
      // the best of one token is the base's own
      assertThat(going.generate(PROMPT, OPTIONS).tokenIds())
          .isEqualTo(plain.generate(PROMPT, OPTIONS).tokenIds());
      assertThat(loose.stats().uncertified()).isPositive();
      assertThat(loose.stats().certified() + loose.stats().uncertified()).isEqualTo(20);
      assertThat(loose.stats().certifiedShare()).isLessThan(1);
    }
  }

  /** What is written before it is what whole rows give, and that it ended there is said. */
  @Test
  void stopsWhereTheNextTokenIsNotCertain() {
    try (RemoteModel remote = connect(2, 2, Uncertified.STOP);
        ProxyTuner here = steered(base);
        ProxyTuner there = steered(remote)) {
      List<Integer> whole = here.generate(PROMPT, OPTIONS).tokenIds();
      Generation text = there.generate(PROMPT, OPTIONS);
      assertThat(text.finishReason()).isEqualTo(FinishReason.UNCERTIFIED);
      assertThat(text.tokenIds()).isEqualTo(whole.subList(0, text.tokenIds().size()));
      assertThat(remote.stats().certified()).isEqualTo(text.tokenIds().size());
      assertThat(remote.stats().uncertified()).isEqualTo(1);
      assertThat(text.stats().generatedTokens()).isEqualTo(text.tokenIds().size());
      try (TokenStream stream = there.stream(PROMPT, OPTIONS)) {
        stream.forEach(token -> {});
        assertThat(stream.result().tokenIds()).isEqualTo(text.tokenIds());
        assertThat(stream.result().finishReason()).isEqualTo(FinishReason.UNCERTIFIED);
      }
      assertThat(there.generateMany(PROMPT, 2, OPTIONS))
          .extracting(Generation::finishReason)
          .containsOnly(FinishReason.UNCERTIFIED);
    }
  }

  /** A ban makes another token the best, which has to be known as well. */
  @Test
  void certifiesWhatIsPickedAfterBansAndPenalties() {
    GenerationOptions banned = OPTIONS.withBannedIds(Set.copyOf(first(8))).withMaxNewTokens(6);
    try (RemoteModel partial = connect(1, base.width(), Uncertified.REFUSE);
        ProxyTuner here = steered(base);
        ProxyTuner there = steered(partial)) {
      assertThat(there.generate(PROMPT, banned).tokenIds())
          .isEqualTo(here.generate(PROMPT, banned).tokenIds());
    }
  }

  private static List<Integer> first(int count) {
    try (ProxyTuner here = steered(base)) {
      return here.generate(PROMPT, OPTIONS.withMaxNewTokens(count)).tokenIds();
    }
  }

  @Test
  void samplersPickOfWhatIsKnown() {
    GenerationOptions sampled = OPTIONS.withSampler(Sampler.temperature(3)).withSeed(4);
    try (RemoteModel partial = connect(3, base.width(), Uncertified.REFUSE);
        ProxyTuner there = steered(partial)) {
      List<Integer> ids = there.generate(PROMPT, sampled).tokenIds();
      assertThat(server.asked).hasSize(20);
      for (int i = 0; i < ids.size(); i++) {
        Set<Integer> known = new HashSet<>();
        server
            .row(prefix(i), 3)
            .findValue("top_logprobs")
            .forEach(entry -> known.add(entry.path("id").asInt()));
        assertThat(known).contains(ids.get(i));
      }
      assertThat(partial.stats().certified()).isZero();
      assertThat(partial.stats().meanShown()).isEqualTo(3);
      assertThat(partial.stats().meanMissing()).isBetween(0.01, 0.99);
    }
  }

  /** What the server was sent for a token. */
  private int[] prefix(int token) {
    int[] ids = new int[server.asked.get(token).path("prompt").size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = server.asked.get(token).path("prompt").path(i).asInt();
    }
    return ids;
  }

  /** Multiple choice: the letters among those shown are compared after they were fused. */
  @Test
  void choosesAmongTheOptionsThatAreShown() {
    try (RemoteModel partial = connect(base.width() / 2, base.width() / 2, Uncertified.GO_ON);
        ProxyTuner here = steered(base);
        ProxyTuner there = steered(partial)) {
      int[] first = {5, 9, 14, 3};
      List<String> options = singleTokens();
      Choice right = here.choose(PROMPT, options);
      Choice choice = there.choose(PROMPT, options);
      Set<Integer> known = new HashSet<>();
      server
          .row(first, base.width() / 2)
          .findValue("top_logprobs")
          .forEach(entry -> known.add(entry.path("id").asInt()));
      int best = -1;
      for (int i = 0; i < options.size(); i++) {
        double logprob = choice.scores().get(i).total();
        boolean shown = known.contains(choice.scores().get(i).tokens().get(0).id());
        assertThat(logprob > Double.NEGATIVE_INFINITY).isEqualTo(shown);
        double whole = right.scores().get(i).total();
        if (shown && (best < 0 || whole > right.scores().get(best).total())) {
          best = i;
        }
      }
      assertThat(best).isNotNegative();
      assertThat(choice.index()).isEqualTo(best);
      List<String> unknown =
          options.stream()
              .filter(o -> choice.scores().get(options.indexOf(o)).total() == -1 / 0.0)
              .toList();
      assertThat(unknown).hasSizeBetween(2, options.size() - 1);
      assertThat(partial.stats().dropped()).isZero();
      assertThatThrownBy(() -> there.choose(PROMPT, unknown))
          .isInstanceOf(OptionsNotShownException.class)
          .hasMessageContaining("none of the " + unknown.size() + " options is among the tokens")
          .hasMessageContaining("leave this question out");
      assertThat(partial.stats().dropped()).isEqualTo(1);
      List<String> longer = List.of(options.get(0), options.get(0) + " " + options.get(1));
      assertThatThrownBy(() -> there.choose(PROMPT, longer)).hasMessageContaining("scores need");
    }
  }

  /** Texts that are one token each behind the prompt. */
  private static List<String> singleTokens() {
    Tokenizer tokenizer = base.tokenizer().orElseThrow();
    List<String> found = new ArrayList<>();
    try (ProxyTuner plain = ProxyTuner.builder().base(base).build()) {
      for (int id = 0; id < tokenizer.vocabularySize(); id++) {
        String text = tokenizer.decode(new int[] {id}, true);
        if (!text.isBlank()) {
          List<TokenScore> tokens = plain.score(PROMPT, text).tokens();
          if (tokens.size() == 1 && tokens.get(0).id() == id) {
            found.add(text);
          }
        }
      }
    }
    return found;
  }

  @Test
  void whatNeedsWholeRowsIsRefused() {
    try (RemoteModel partial = connect(3, 8, Uncertified.GO_ON);
        ProxyTuner there = steered(partial);
        ProxyTuner asExpert =
            ProxyTuner.builder().base(base).expert(partial).antiExpert(antiExpert).build()) {
      assertThatThrownBy(() -> there.logprobs(PROMPT, new int[] {3}, 2))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("scores need whole rows");
      assertThatThrownBy(() -> there.generate(PROMPT, OPTIONS.withLogprobs(2)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("log-probabilities and traces need whole rows");
      assertThatThrownBy(() -> asExpert.generate(PROMPT, OPTIONS))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the expert of pair 0")
          .hasMessageContaining("enough for a base alone");
      assertThatThrownBy(() -> connect(0, 8, Uncertified.GO_ON)).hasMessageContaining(">= 1");
      assertThatThrownBy(() -> connect(9, 8, Uncertified.GO_ON))
          .hasMessageContaining(">= the first");
    }
  }
}
