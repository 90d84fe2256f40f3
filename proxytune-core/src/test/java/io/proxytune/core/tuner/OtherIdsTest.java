package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.hash.Hashing;
import io.proxytune.Choice;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Sampler;
import io.proxytune.Score;
import io.proxytune.Speculation;
import io.proxytune.Tokenizer;
import io.proxytune.VocabularyMismatchException;
import io.proxytune.core.ensemble.DelegatingTokenizer;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tokenizer.SplitsText;
import io.proxytune.core.tokenizer.format.Splitting;
import io.proxytune.model.FunctionLogitSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that have the base's tokens at other ids steer as they would with the base's ids. */
class OtherIdsTest {
  private static final int TOKENS = 40;
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults()
          .withMaxNewTokens(16)
          .withSampler(Sampler.temperature(1))
          .withSeed(4)
          .withIgnoreEndOfText(true);

  private final TunerFixture fixture = new TunerFixture().prefillChunk(4);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  /** Tokens, and at which id each stands; an empty one is a hole. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Ids(int[] ofToken, List<String> tokens) {
    static Ids straight() {
      return new Ids(IntStream.range(0, TOKENS).toArray(), FakeTokenizer.letters());
    }

    /** The same tokens at other ids, some of which have none. */
    static Ids shuffled(long seed, int holes) {
      List<Integer> ids = new ArrayList<>(IntStream.range(0, TOKENS + holes).boxed().toList());
      Collections.shuffle(ids, new Random(seed));
      int[] ofToken = ids.stream().limit(TOKENS).mapToInt(Integer::intValue).toArray();
      String[] tokens = new String[TOKENS + holes];
      Arrays.fill(tokens, "");
      IntStream.range(0, TOKENS).forEach(i -> tokens[ofToken[i]] = FakeTokenizer.letters().get(i));
      return new Ids(ofToken, List.of(tokens));
    }

    int width() {
      return tokens.size();
    }

    int token(int id) {
      return IntStream.range(0, TOKENS).filter(i -> ofToken[i] == id).findFirst().orElseThrow();
    }
  }

  /** A tokenizer that says how it splits texts: all of one name alike. */
  private static Tokenizer tokenizer(List<String> tokens, String splitting) {
    return new SplittingTokenizer(new FakeTokenizer(tokens, false), splitting);
  }

  /** The same model, whatever its ids are: its logits depend on the tokens. */
  private static FakeModel model(String name, long seed, Ids ids) {
    return new FakeModel(
        FunctionLogitSource.of(name, ids.width(), 60, history -> row(history, seed, ids))
            .withTokenizer(tokenizer(ids.tokens(), "letters"))
            .withEndOfTextIds(Set.of(ids.ofToken()[3])));
  }

  private static float[] row(List<Integer> history, long seed, Ids ids) {
    List<Integer> tokens = history.stream().map(ids::token).toList();
    int from = Math.max(0, tokens.size() - 3);
    float[] straight = FakeModel.hashedRow(tokens.subList(from, tokens.size()), seed, TOKENS);
    float[] row = new float[ids.width()];
    Arrays.fill(row, Float.NEGATIVE_INFINITY); // of holes: so that rows say the same
    IntStream.range(0, TOKENS).forEach(i -> row[ids.ofToken()[i]] = straight[i]);
    return row;
  }

  private DefaultProxyTuner tuner(Ids ids, boolean adapter, double alpha) {
    FakeModel base = model("base", 1, Ids.straight());
    FakeModel anti = model("anti", 2, ids);
    FakeModel expert = model("expert", 3, ids);
    return fixture.tuner(base, new ExpertPair(adapter ? expert.beside(anti) : expert, anti, alpha));
  }

  private static void assertSame(Generation actual, Generation expected) {
    assertThat(actual.tokens()).isEqualTo(expected.tokens());
    assertThat(actual.text()).isEqualTo(expected.text());
    assertThat(actual.finishReason()).isEqualTo(expected.finishReason());
    assertThat(actual.stopId()).isEqualTo(expected.stopId());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void textsAreTheSame(int holes) {
    for (boolean adapter : new boolean[] {false, true}) {
      for (Speculation speculation : List.of(Speculation.off(), Speculation.draft(3))) {
        GenerationOptions options = OPTIONS.withSpeculation(speculation);
        Prompt prompt = Prompt.of("the cat").withText(Role.EXPERT, "abc the cat");
        try (DefaultProxyTuner straight = tuner(Ids.straight(), adapter, 1);
            DefaultProxyTuner shuffled = tuner(Ids.shuffled(7, holes), adapter, 1)) {
          assertSame(shuffled.generate(prompt, options), straight.generate(prompt, options));
          Prompt ids = Prompt.ofIds(5, 30, 12);
          assertSame(shuffled.generate(ids, options), straight.generate(ids, options));
        }
      }
    }
  }

  @Test
  void batchesReportsAndScoresAreTheSame() {
    GenerationOptions options = OPTIONS.withLogprobs(3).withIgnoreEndOfText(false);
    List<Prompt> prompts = List.of(Prompt.of("the cat"), Prompt.of("a"), Prompt.ofIds(4, 5, 6));
    try (DefaultProxyTuner straight = tuner(Ids.straight(), false, 0.7);
        DefaultProxyTuner shuffled = tuner(Ids.shuffled(9, 3), false, 0.7)) {
      List<Generation> expected = straight.generateAll(prompts, options);
      List<Generation> actual = shuffled.generateAll(prompts, options);
      for (int i = 0; i < prompts.size(); i++) {
        assertSame(actual.get(i), expected.get(i));
      }
      assertThat(actual).anySatisfy(text -> assertThat(text.tokens()).isNotEmpty());
      List<Generation> many = shuffled.generateMany(prompts.get(0), 3, options);
      List<Generation> expectedMany = straight.generateMany(prompts.get(0), 3, options);
      IntStream.range(0, 3).forEach(i -> assertSame(many.get(i), expectedMany.get(i)));
      for (Prompt prompt : prompts) {
        Score score = shuffled.score(prompt, " the cat abc");
        assertThat(score).isEqualTo(straight.score(prompt, " the cat abc"));
        Choice choice = shuffled.choose(prompt, List.of(" the", " a", "cat."));
        assertThat(choice).isEqualTo(straight.choose(prompt, List.of(" the", " a", "cat.")));
      }
    }
  }

  @Test
  void modelsOfOneHostStillRunTogether() {
    FakeModel base = model("base", 1, Ids.straight());
    FakeModel anti = model("anti", 2, Ids.shuffled(3, 2));
    FakeModel expert = model("expert", 3, Ids.shuffled(3, 2)).beside(anti);
    try (DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, anti))) {
      tuner.generate(Prompt.of("abc"), OPTIONS.withSpeculation(Speculation.off()));
    }
    assertThat(expert.passes()).isEmpty();
    assertThat(anti.passes()).allSatisfy(pass -> assertThat(pass).hasSize(2));
  }

  @Test
  void anExpertsEndEndsTheText() {
    Ids ids = Ids.shuffled(5, 0);
    FakeModel base = FakeModel.saying(1, new int[] {10, 11, 9}).withTokenizer(straight());
    FakeModel expert =
        new FakeModel(
            FunctionLogitSource.of("expert", ids.width(), 60, history -> new float[ids.width()])
                .withTokenizer(tokenizer(ids.tokens(), "letters"))
                .withEndOfTextIds(Set.of(ids.ofToken()[9])));
    FakeModel anti = model("anti", 2, ids).withEndOfTextIds(ids.ofToken()[9]);
    GenerationOptions greedy = OPTIONS.withSampler(Sampler.greedy()).withIgnoreEndOfText(false);
    try (DefaultProxyTuner tuner = fixture.tuner(base, new ExpertPair(expert, anti, 1e-9))) {
      Generation text = tuner.generate(Prompt.ofIds(4), greedy);
      assertThat(text.stopId()).hasValue(9);
    }
  }

  private static Tokenizer straight() {
    return tokenizer(FakeTokenizer.letters(), "letters");
  }

  /** A token more of the base's is not steered, and the expert reads it as its letters. */
  @Test
  void tokensThatAModelLacksAreNotSteered() {
    List<String> more = new ArrayList<>(FakeTokenizer.letters());
    more.add(5, "dog");
    int dog = 5;
    FakeModel base =
        new FakeModel(
            FunctionLogitSource.of(
                    "base", 41, 60, history -> oneHot(history.size() % 2 == 0 ? dog : 7, 41))
                .withTokenizer(tokenizer(more, "letters")));
    FakeModel anti = model("anti", 2, Ids.straight());
    FakeModel expert = model("expert", 3, Ids.straight());
    GenerationOptions greedy =
        OPTIONS.withSampler(Sampler.greedy()).withLogprobs(0).withMaxNewTokens(4);
    for (Speculation speculation : List.of(Speculation.off(), Speculation.draft(2))) {
      try (DefaultProxyTuner tuner = fixture.tuner(base, new ExpertPair(expert, anti, 0.1))) {
        Generation text = tuner.generate(Prompt.of("ab"), greedy.withSpeculation(speculation));
        assertThat(text.tokens()).extracting(token -> token.id()).containsExactly(7, 5, 7, 5);
      }
    }
    assertThat(expert.passes().stream().flatMap(List::stream).mapToInt(FakeModel.Call::tokens))
        .as("dog is three letters to it")
        .contains(3);
  }

  private static float[] oneHot(int id, int width) {
    float[] row = new float[width];
    row[id] = 10;
    return row;
  }

  @Test
  void tokenizersThatSplitOtherwiseAreRefusedWithTheShare() {
    FakeModel base = model("base", 1, Ids.straight());
    Ids ids = Ids.shuffled(7, 0);
    FakeModel anti = model("anti", 2, ids).withTokenizer(tokenizer(ids.tokens(), "otherwise"));
    assertThatExceptionOfType(VocabularyMismatchException.class)
        .isThrownBy(() -> fixture.tuner(base, ExpertPair.of(model("expert", 3, ids), anti)))
        .withMessageContaining("base ('base') and the anti-expert of pair 0 ('anti') differ in ")
        .withMessageContaining("40 of the base's 40 tokens (100.0 %) are in both")
        .withMessageContaining("the tokenizers split texts differently (normalizer)");
    FakeModel unknown = model("anti", 2, ids).withTokenizer(new FakeTokenizer(ids.tokens(), false));
    assertThatExceptionOfType(VocabularyMismatchException.class)
        .isThrownBy(() -> fixture.tuner(base, ExpertPair.of(model("expert", 3, ids), unknown)))
        .withMessageContaining("it is not known whether the tokenizers split texts alike");
  }

  /** Tells a splitting by its name. */
  private static final class SplittingTokenizer extends DelegatingTokenizer implements SplitsText {
    private final String name;

    SplittingTokenizer(FakeTokenizer own, String name) {
      super(own);
      this.name = name;
    }

    @Override
    public Splitting splitting() {
      var same = Hashing.murmur3_128().hashInt(0);
      return new Splitting(Hashing.murmur3_128().hashUnencodedChars(name), same, same);
    }
  }
}
