package io.proxytune.core.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.Bytes;
import io.proxytune.CandidateSet;
import io.proxytune.Constraint;
import io.proxytune.FinishReason;
import io.proxytune.Fusion;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.ModelException;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenConstraints;
import io.proxytune.TokenStream;
import io.proxytune.Tokenizer;
import io.proxytune.core.CoreTunerProvider;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.core.tokenizer.TokenBytes;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.spi.TunerSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConstraintsTest {
  private static final CheckpointTokenizer BYTE_LEVEL = tokenizer("byte-level");
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(60).withSeed(1);
  private static final Prompt PROMPT = Prompt.of("hello");

  private static CheckpointTokenizer tokenizer(String name) {
    return CheckpointTokenizer.open(Path.of("src/test/resources/tokenizers", name));
  }

  private static ProxyTuner tuner(Tokenizer tokenizer) {
    return new CoreTunerProvider()
        .create(TunerSpec.builder().base(RandomSource.of("base", tokenizer, 1)).build());
  }

  private static Generation generate(Constraint constraint, GenerationOptions options) {
    try (ProxyTuner tuner = tuner(BYTE_LEVEL)) {
      return tuner.generate(PROMPT, options.withConstraint(constraint));
    }
  }

  @Test
  void aTextIsOneOfTheChoicesAndEnds() {
    Generation generation = generate(Constraint.choice("red", "green", "größer"), OPTIONS);

    assertThat(generation.text()).isIn("red", "green", "größer");
    assertThat(generation.finishReason()).isEqualTo(FinishReason.END_OF_TEXT);
  }

  /** Where it is there it comes, leaves no text, and never comes where a form has it not. */
  @Test
  void aSpecialTokenIsPickedWhereTheFormHasIt() {
    int mark = BYTE_LEVEL.id("<|end|>").orElseThrow();
    Constraint marked = Constraint.specialToken("<|end|>").then("red");

    Generation generation = generate(marked, OPTIONS);
    assertThat(generation.text()).isEqualTo("red");
    assertThat(generation.tokenIds().get(0)).isEqualTo(mark);
    assertThat(generation.tokenIds().subList(1, generation.tokenIds().size())).doesNotContain(mark);

    Constraint unknown = Constraint.specialToken("[NONE]").then("red");
    assertThat(generate(unknown.or(Constraint.choice("blue")), OPTIONS).text()).isEqualTo("blue");
    assertThatThrownBy(() -> generate(unknown, OPTIONS))
        .isInstanceOf(InvalidConstraintException.class)
        .hasMessageContaining("no special token [NONE]");
  }

  /** A vocabulary without bytes of its own is looked through for what it can spell. */
  @Test
  void aSpecialTokenIsFoundByVocabulariesOfWords() {
    Constraint marked = Constraint.specialToken("<mark>").then("red");
    try (ProxyTuner tuner =
        tuner(new FakeTokenizer(List.of("</s>", "<mark>", "the", "red"), false))) {
      Generation generation = tuner.generate(Prompt.ofIds(2), OPTIONS.withConstraint(marked));
      assertThat(generation.text()).isEqualTo("red");
      assertThat(generation.tokenIds()).containsExactly(1, 3, 0);
    }
  }

  @Test
  void formsStandBehindEachOther() {
    Constraint constraint =
        Constraint.regex("[a-c]{3}")
            .then(": ")
            .then(Constraint.json().or(Constraint.choice("none")));

    assertThat(generate(constraint, OPTIONS).text()).matches("[a-c]{3}: (none|\\{[\\s\\S]*)");
  }

  @Test
  void aTextThatMayNotGoOnIsCutWhereItIs() {
    Generation generation = generate(Constraint.regex("(?:ab){50}"), OPTIONS.withMaxNewTokens(7));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
    assertThat("ab".repeat(50)).startsWith(generation.text());
  }

  @Test
  void stopStringsAndStopIdsEndATextAsEver() {
    int stop = BYTE_LEVEL.id("!").orElseThrow();
    Constraint constraint = Constraint.regex("ab!c");

    assertThat(generate(constraint, OPTIONS.withStopStrings("b")).text()).isEqualTo("a");
    assertThatThrownBy(() -> generate(constraint, OPTIONS.withStopIds(Set.of(stop))))
        .hasMessageContaining("it has none for '!' alone");
    assertThat(generate(Constraint.choice("ab"), OPTIONS.withStopIds(Set.of(stop))).text())
        .isEqualTo("ab");
  }

  @Test
  void whatMustEndEndsThoughItIsShort() {
    GenerationOptions options = OPTIONS.withMinNewTokens(20);

    assertThat(generate(Constraint.choice("ab"), options).text()).isEqualTo("ab");
    assertThat(generate(Constraint.regex("a*"), options).tokenIds()).hasSizeGreaterThan(20);
  }

  /** Drafts change the speed alone; those that break the form are not even read. */
  @Test
  void draftsGiveTheSameTextAsNone() {
    Constraint constraint =
        Constraint.jsonSchema(
            "{\"items\":{\"enum\":[\"abc\",\"abd\"]},\"minItems\":6,\"maxItems\":9}");
    for (Sampler sampler : List.of(Sampler.greedy(), Sampler.temperature(1))) {
      GenerationOptions options = OPTIONS.withSampler(sampler);
      Generation plain = generate(constraint, options.withSpeculation(Speculation.off()));
      Generation drafted =
          generate(
              constraint, options.withSpeculation(Speculation.draft(5).withPromptLookup(true)));

      assertThat(drafted.tokenIds()).isEqualTo(plain.tokenIds());
      assertThat(drafted.stats().draftedTokens()).isPositive();
      assertThat(plain.text()).matches("\\[\\s*(\"ab[cd]\",?\\s*){6,9}]");
    }
  }

  @Test
  void everyTextOfABatchHasItsOwnForm() {
    try (ProxyTuner tuner = tuner(BYTE_LEVEL)) {
      List<TokenStream> streams = new ArrayList<>();
      for (String regex : List.of("a{9}", "b{9}", "[cd]{9}")) {
        streams.add(tuner.stream(PROMPT, OPTIONS.withConstraint(Constraint.regex(regex))));
      }
      streams.add(tuner.stream(PROMPT, OPTIONS));
      List<StringBuilder> texts = new ArrayList<>();
      List<Iterator<Token>> tokens = new ArrayList<>();
      streams.forEach(each -> texts.add(new StringBuilder()));
      streams.forEach(each -> tokens.add(each.iterator()));
      for (int round = 0; round < 12; round++) {
        for (int i = 0; i < streams.size(); i++) {
          if (tokens.get(i).hasNext()) {
            texts.get(i).append(tokens.get(i).next().text());
          }
        }
      }
      assertThat(texts.get(0)).hasToString("aaaaaaaaa");
      assertThat(texts.get(1)).hasToString("bbbbbbbbb");
      assertThat(texts.get(2).toString()).matches("[cd]{9}");
      streams.forEach(TokenStream::close);
    }
  }

  @Test
  void logprobsAreThoseOfTheDistributionBefore() {
    Generation generation = generate(Constraint.choice("xyz"), OPTIONS.withLogprobs(1));

    assertThat(generation.tokens().get(0).logprobs().top().get(0).id())
        .isNotEqualTo(generation.tokenIds().get(0));
  }

  /** A vocabulary of word pieces can begin what it can't finish: such tokens are never picked. */
  @Test
  void tokensThatLeadNowhereAreNotPicked() {
    FakeTokenizer tokens =
        new FakeTokenizer(List.of("<s>", "</s>", "ab", "abc", "c", "x", "abx"), false);
    ProxyTuner tuner =
        new CoreTunerProvider()
            .create(
                TunerSpec.builder()
                    .base(
                        FunctionLogitSource.of(
                                "likes ab", 7, 50, ids -> new float[] {0, 0, 9, 5, 0, 8, 7})
                            .withTokenizer(tokens)
                            .withEndOfTextIds(Set.of(1)))
                    .build());
    try (tuner) {
      GenerationOptions options = OPTIONS.withConstraint(Constraint.choice("abcd", "abcc", "ab"));

      assertThat(tuner.generate(Prompt.ofIds(5), options).text()).isIn("abcc", "ab");
      assertThatThrownBy(
              () -> tuner.generate(Prompt.ofIds(5), OPTIONS.withConstraint(Constraint.choice("b"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the vocabulary can't spell what this constraint asks for")
          .hasMessageContaining("none for 'b' alone");
      GenerationOptions large = OPTIONS.withConstraint(Constraint.regex("(?:[abcx]{1,3000}d?)"));
      assertThatThrownBy(() -> tuner.generate(Prompt.ofIds(5), large))
          .hasMessageContaining("too large for a vocabulary without tokens for");
    }
  }

  /** Vocabularies have no token for bytes that their texts never had. */
  @Test
  void charactersWithoutTokensForTheirBytesAreLeftOut() {
    List<String> ascii = new ArrayList<>(List.of("<s>", "</s>", "größe", "\n"));
    for (char c = ' '; c <= '~'; c++) {
      ascii.add(String.valueOf(c));
    }
    try (ProxyTuner tuner = tuner(new FakeTokenizer(ascii, false))) {
      Prompt prompt = Prompt.ofIds(5);
      String json = tuner.generate(prompt, OPTIONS.withConstraint(Constraint.json())).text();
      assertThat(json).matches("\\{[\\x00-\\x7F]*");
      Constraint word = Constraint.regex("[a-z]{2}: größe");
      assertThat(tuner.generate(prompt, OPTIONS.withConstraint(word)).text())
          .matches("[a-z]{2}: größe");
      assertThatThrownBy(
              () -> tuner.generate(prompt, OPTIONS.withConstraint(Constraint.choice("ö"))))
          .hasMessageContaining("it has none for byte 0xB6, byte 0xC3 alone");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0xC3, 0xE2, 0xF0, 0xF1, 0x9F})
  void charactersOfAMissingByteAreTold(int missing) {
    BitSet bytes = new BitSet();
    bytes.set(0, 256);
    bytes.clear(missing);
    CodePoints told = Utf8Ranges.missing(bytes);
    for (int c = 0x80; c <= Character.MAX_CODE_POINT; c += 17) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        byte first = Character.toString(c).getBytes(StandardCharsets.UTF_8)[0];
        assertThat(told.contains(c)).isEqualTo(missing < 0xC0 || (first & 0xFF) == missing);
      }
    }
  }

  @Test
  void whatContradictsAConstraintIsRefused() {
    Constraint constraint = Constraint.choice("a");
    TokenConstraints forced =
        new TokenConstraints(List.of(), Set.of(), 0, OptionalInt.of(3), Set.of());

    assertThatThrownBy(() -> generate(constraint, OPTIONS.withConstraints(forced)))
        .hasMessageContaining("tokens that are forced contradict each other");
    assertThatThrownBy(() -> generate(constraint, OPTIONS.withIgnoreEndOfText(true)))
        .hasMessageContaining("needs a token that ends the text, and there is none");
    TunerSpec candidates =
        TunerSpec.builder()
            .base(RandomSource.of("base", BYTE_LEVEL, 1))
            .fusion(Fusion.proxyTuning().withCandidates(CandidateSet.topP(0.5)))
            .build();
    try (ProxyTuner tuner = new CoreTunerProvider().create(candidates)) {
      assertThatThrownBy(() -> tuner.generate(PROMPT, OPTIONS.withConstraint(constraint)))
          .hasMessageContaining("Fusion.withCandidates");
    }
    FunctionLogitSource plain = FunctionLogitSource.of("plain", 4, 9, ids -> new float[4]);
    try (ProxyTuner tuner =
        new CoreTunerProvider().create(TunerSpec.builder().base(plain).build())) {
      assertThatThrownBy(() -> tuner.generate(Prompt.ofIds(1), OPTIONS.withConstraint(constraint)))
          .hasMessageContaining("a constraint needs a tokenizer, and the base");
    }
  }

  /** Processors see what may be picked, and can't bring back what may not. */
  @Test
  void processorsCannotBreakAForm() {
    GenerationOptions options =
        OPTIONS.withProcessors(List.of((logits, context) -> Arrays.fill(logits, 1f)));

    assertThat(generate(Constraint.choice("abc"), options).text()).isEqualTo("abc");
  }

  @Test
  void whereNothingIsLeftIsSaid() {
    GenerationOptions options =
        OPTIONS.withConstraints(TokenConstraints.NONE.withNoRepeatNgramSize(1));

    assertThatThrownBy(() -> generate(Constraint.regex("a{9}"), options))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("of the tokens that the constraint lets come next, none may be");
  }

  @Test
  void whatIsBannedIsSpelledOtherwise() {
    Map<String, Integer> ids = Map.of("a", BYTE_LEVEL.id("a").orElseThrow());

    assertThat(
            generate(Constraint.regex("[ab]{4}"), OPTIONS.withBannedIds(Set.copyOf(ids.values())))
                .text())
        .isEqualTo("bbbb");
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece", "unigram"})
  void bytesOfTokensAreThoseThatAreDecoded(String name) {
    CheckpointTokenizer tokenizer = tokenizer(name);
    TokenBytes bytes = TokenBytes.of(tokenizer);
    Random random = new Random(5);
    int[] before = tokenizer.encode("the", false);
    for (int i = 0; i < 300; i++) {
      int[] ids = before.clone();
      byte[] spelled = new byte[0];
      int count = 1 + random.nextInt(4);
      ids = Arrays.copyOf(ids, before.length + count);
      for (int j = 0; j < count; j++) {
        int id = random.nextInt(tokenizer.vocabularySize());
        ids[before.length + j] = id;
        spelled = Bytes.concat(spelled, bytes.bytes(id));
      }
      String text = new String(spelled, StandardCharsets.UTF_8);
      if (!text.contains("\uFFFD")) {
        assertThat(tokenizer.decode(ids, true)).isEqualTo(tokenizer.decode(before, true) + text);
      }
    }
  }

  @Test
  void masksAreWhatTokensLeadTo() {
    Form form = ConstraintForms.of(Constraint.json(), name -> Optional.empty());
    Grammar grammar = GrammarBuilder.build(form, CodePoints.NONE);
    TokenTrie trie = new TokenTrie(TokenBytes.of(BYTE_LEVEL), BYTE_LEVEL::isSpecial);
    BitSet usable = new BitSet();
    usable.set(0, BYTE_LEVEL.vocabularySize());
    usable.clear(0, 4);
    int width = BYTE_LEVEL.vocabularySize() + 3;
    VocabularyConstraint constraint =
        new VocabularyConstraint(grammar, trie, usable, Set.of(1), width);
    ConstraintState state = constraint.begin();
    Random random = new Random(9);
    for (int step = 0; step < 40; step++) {
      TokenMask mask = state.mask();
      List<Integer> allowed = new ArrayList<>();
      float[] row = new float[width];
      mask.apply(row);
      for (int id = 0; id < width; id++) {
        assertThat(mask.allows(id)).isEqualTo(state.allows(id)).isEqualTo(row[id] == 0);
        if (mask.allows(id) && id != 1) {
          allowed.add(id);
        }
      }
      if (allowed.isEmpty()) {
        break;
      }
      state.append(allowed.get(random.nextInt(allowed.size())));
    }
    state.truncate(0);
    assertThat(state.mask().listsAllowed()).isTrue();
  }
}
