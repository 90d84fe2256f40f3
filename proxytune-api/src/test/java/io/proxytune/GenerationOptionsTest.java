package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class GenerationOptionsTest {
  private static final GenerationOptions DEFAULTS = GenerationOptions.defaults();

  private static void assertRefused(ThrowingCallable wrong, String message) {
    assertThatIllegalArgumentException().isThrownBy(wrong).withMessageContaining(message);
  }

  @Test
  void defaultsAreGreedyWithoutLimitsBut256Tokens() {
    assertThat(DEFAULTS.sampler()).isEqualTo(Sampler.greedy());
    assertThat(DEFAULTS.maxNewTokens()).isEqualTo(256);
    assertThat(DEFAULTS.minNewTokens()).isZero();
    assertThat(DEFAULTS.seed()).isEmpty();
    assertThat(DEFAULTS.ignoreEndOfText()).isFalse();
    assertThat(DEFAULTS.ignoreExpertEndOfText()).isFalse();
    assertThat(DEFAULTS.stopIds()).isEmpty();
    assertThat(DEFAULTS.stopStrings()).isEmpty();
    assertThat(DEFAULTS.penalties()).isEqualTo(Penalties.NONE);
    assertThat(DEFAULTS.logitBias()).isEmpty();
    assertThat(DEFAULTS.bannedIds()).isEmpty();
    assertThat(DEFAULTS.processors()).isEmpty();
    assertThat(DEFAULTS.timeLimit()).isEmpty();
    assertThat(DEFAULTS.logprobs()).isFalse();
    assertThat(DEFAULTS.topLogprobs()).isZero();
    assertThat(DEFAULTS.trace()).isFalse();
    assertThat(DEFAULTS.speculation()).isEqualTo(Speculation.auto());
  }

  @Test
  void everyChangeIsKeptByLaterOnes() {
    LogitsProcessor processor = (logits, context) -> {};
    GenerationOptions options =
        DEFAULTS
            .withSampler(Sampler.topP(0.9))
            .withSeed(-3)
            .withMaxNewTokens(5)
            .withMinNewTokens(2)
            .withIgnoreEndOfText(true)
            .withIgnoreExpertEndOfText(true)
            .withStopIds(Set.of(4))
            .withStopStrings("a", "b")
            .withPenalties(Penalties.NONE.withRepetition(1.1))
            .withLogitBias(Map.of(7, -1.5))
            .withBannedIds(Set.of(8))
            .withProcessors(List.of(processor))
            .withTimeLimit(Duration.ofSeconds(1))
            .withLogprobs(0)
            .withSpeculation(Speculation.draft(3).withPromptLookup(false));

    assertThat(options.sampler()).isEqualTo(Sampler.topP(0.9));
    assertThat(options.speculation()).isEqualTo(new Speculation(Speculation.Mode.FIXED, 3, false));
    assertThat(options.seed()).hasValue(-3);
    assertThat(options.maxNewTokens()).isEqualTo(5);
    assertThat(options.minNewTokens()).isEqualTo(2);
    assertThat(options.ignoreEndOfText()).isTrue();
    assertThat(options.ignoreExpertEndOfText()).isTrue();
    assertThat(options.stopIds()).containsExactly(4);
    assertThat(options.stopStrings()).containsExactly("a", "b");
    assertThat(options.penalties().repetition()).isEqualTo(1.1);
    assertThat(options.logitBias()).containsExactly(Map.entry(7, -1.5));
    assertThat(options.bannedIds()).containsExactly(8);
    assertThat(options.processors()).containsExactly(processor);
    assertThat(options.timeLimit()).contains(Duration.ofSeconds(1));
    assertThat(options.logprobs()).isTrue();
    assertThat(options.topLogprobs()).isZero();
    assertThat(options.toString()).contains("seed=-3", "maxNewTokens=5", "stopStrings=[a, b]");
    assertThat(DEFAULTS.maxNewTokens()).as("the original").isEqualTo(256);
  }

  /** The names of a class's methods that change something. */
  static Set<String> withMethods(Class<?> type) {
    return Stream.of(type.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .map(Method::getName)
        .filter(name -> name.startsWith("with"))
        .collect(Collectors.toSet());
  }

  /** A change for each method that makes one. */
  private static Map<String, UnaryOperator<GenerationOptions>> changes() {
    LogitsProcessor processor = (logits, context) -> {};
    return Map.ofEntries(
        entry("withSampler", options -> options.withSampler(Sampler.topK(3))),
        entry("withSeed", options -> options.withSeed(0)),
        entry("withMaxNewTokens", options -> options.withMaxNewTokens(5)),
        entry("withMinNewTokens", options -> options.withMinNewTokens(2)),
        entry("withMaxLength", options -> options.withMaxLength(257)),
        entry("withMinLength", options -> options.withMinLength(0)),
        entry("withConstraint", options -> options.withConstraint(Constraint.choice("yes"))),
        entry(
            "withConstraints",
            options -> options.withConstraints(TokenConstraints.NONE.withNoRepeatNgramSize(2))),
        entry("withIgnoreEndOfText", options -> options.withIgnoreEndOfText(true)),
        entry("withIgnoreExpertEndOfText", options -> options.withIgnoreExpertEndOfText(true)),
        entry("withStopIds", options -> options.withStopIds(Set.of(4, 0))),
        entry("withStopStrings", options -> options.withStopStrings("a")),
        entry(
            "withWrittenSpecialTokens",
            options -> options.withWrittenSpecialTokens(Set.of("[THINK]"))),
        entry("withPenalties", options -> options.withPenalties(Penalties.NONE.withPresence(1))),
        entry("withLogitBias", options -> options.withLogitBias(Map.of(7, -1.5))),
        entry("withBannedIds", options -> options.withBannedIds(Set.of(8))),
        entry("withProcessors", options -> options.withProcessors(List.of(processor))),
        entry("withTimeLimit", options -> options.withTimeLimit(Duration.ofSeconds(1))),
        entry("withLogprobs", options -> options.withLogprobs(0)),
        entry("withTrace", options -> options.withTrace(true)),
        entry("withSpeculation", options -> options.withSpeculation(Speculation.off())));
  }

  private static Map.Entry<String, UnaryOperator<GenerationOptions>> entry(
      String method, UnaryOperator<GenerationOptions> change) {
    return Map.entry(method, change);
  }

  @Test
  void everyChangeIsComparedAndShown() {
    Map<String, UnaryOperator<GenerationOptions>> changes = changes();
    assertThat(changes.keySet()).isEqualTo(withMethods(GenerationOptions.class));
    Set<GenerationOptions> distinct = new HashSet<>(Set.of(DEFAULTS));
    changes.forEach(
        (method, change) -> {
          GenerationOptions changed = change.apply(DEFAULTS);
          assertThat(change.apply(DEFAULTS)).isEqualTo(changed).hasSameHashCodeAs(changed);
          assertThat(distinct.add(changed)).as(method).isTrue();
          String option = method.substring(4, 5).toLowerCase(Locale.ROOT) + method.substring(5);
          assertThat(changed.toString()).matches(".*[\\[ ]" + option + "=[^,]+.*");
        });
  }

  @Test
  void textIsOneShortLineHoweverMuchWasSet() {
    Set<Integer> ids = IntStream.range(0, 10_000).boxed().collect(Collectors.toSet());
    String text = DEFAULTS.withBannedIds(ids).withStopStrings("\u001b\n".repeat(1_000)).toString();
    assertThat(text)
        .hasSizeLessThan(2_000)
        .contains("bannedIds=[0, 1, 2, 3, ", " … ", ", 9999] (", "stopStrings=[\\u001b\\n\\u001b")
        .doesNotContain("\n", "\u001b");
  }

  @Test
  void textShowsWhatWasChanged() {
    assertThat(DEFAULTS)
        .hasToString("GenerationOptions[sampler=%s, maxNewTokens=256]".formatted(Sampler.greedy()));
    assertThat(DEFAULTS.withStopIds(Set.of(7, 3, 5)).withSeed(1).toString())
        .endsWith(", seed=1, maxNewTokens=256, stopIds=[3, 5, 7]]");
  }

  @Test
  void lengthsCountThePromptWhereAskedTo() {
    GenerationOptions lengths = DEFAULTS.withMaxLength(10).withMinLength(4);
    assertThat(lengths.maxNewTokens(3)).isEqualTo(7);
    assertThat(lengths.maxNewTokens(10)).as("no room").isZero();
    assertThat(lengths.maxNewTokens()).isEqualTo(9);
    assertThat(lengths.minNewTokens(3)).isEqualTo(1);
    assertThat(lengths.minNewTokens(9)).isZero();
    assertThat(lengths.minNewTokens()).isZero();

    GenerationOptions counts = lengths.withMaxNewTokens(5).withMinNewTokens(2);
    assertThat(counts)
        .as("the last word counts")
        .isEqualTo(DEFAULTS.withMaxNewTokens(5).withMinNewTokens(2));
    assertThat(counts.maxNewTokens(100)).isEqualTo(5);
    assertThat(counts.minNewTokens(100)).isEqualTo(2);
  }

  @Test
  void wrongConstraintsAreRefusedWithTheValue() {
    TokenConstraints none = TokenConstraints.NONE;
    assertRefused(() -> none.withBannedSequences(List.of(List.of())), "must not be empty");
    assertRefused(() -> none.withBannedSequences(List.of(List.of(3, -1))), "must be >= 0, got -1");
    assertRefused(() -> none.withBannedAtBegin(Set.of(-2)), "begin must be >= 0, got -2");
    assertRefused(() -> none.withNoRepeatNgramSize(-3), "must be >= 0, got -3");
    assertRefused(() -> none.withForcedBeginId(-4), "first id must be >= 0, got -4");
    assertRefused(() -> none.withForcedEndIds(Set.of(-5)), "last id must be >= 0, got -5");
  }

  @Test
  void collectionsAreCopied() {
    Set<Integer> ids = new HashSet<>(Set.of(1));
    Map<Integer, Double> bias = new HashMap<>(Map.of(1, 2.0));
    GenerationOptions options = DEFAULTS.withStopIds(ids).withBannedIds(ids).withLogitBias(bias);
    ids.add(2);
    bias.clear();

    assertThat(options.stopIds()).containsExactly(1);
    assertThat(options.bannedIds()).containsExactly(1);
    assertThat(options.logitBias()).hasSize(1);
  }

  @Test
  void wrongValuesAreRefusedWithTheValue() {
    assertRefused(() -> DEFAULTS.withMaxNewTokens(0), "maxNewTokens must be >= 1, got 0");
    assertRefused(() -> DEFAULTS.withMinNewTokens(-1), "minNewTokens must be >= 0, got -1");
    assertRefused(() -> DEFAULTS.withMaxLength(1), "maxLength must be >= 2, got 1");
    assertRefused(() -> DEFAULTS.withMinLength(-1), "minLength must be >= 0, got -1");
    assertRefused(() -> DEFAULTS.withStopIds(Set.of(-2)), "stop id must be >= 0, got -2");
    assertRefused(() -> DEFAULTS.withBannedIds(Set.of(-2)), "banned id must be >= 0, got -2");
    assertRefused(() -> DEFAULTS.withStopStrings(""), "must not be empty");
    assertRefused(() -> DEFAULTS.withLogitBias(Map.of(-1, 0.0)), "id must be >= 0, got -1");
    assertRefused(
        () -> DEFAULTS.withLogitBias(Map.of(3, Double.NaN)),
        "bias of id 3 must be finite, got NaN");
    assertRefused(() -> DEFAULTS.withTimeLimit(Duration.ZERO), "must be above 0, got PT0S");
    assertRefused(() -> DEFAULTS.withTimeLimit(Duration.ofMillis(-1)), "got PT-0.001S");
    assertRefused(() -> DEFAULTS.withLogprobs(-1), "must be >= 0, got -1");
  }
}
