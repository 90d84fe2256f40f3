package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ChatMessage;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ModelException;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.DelegatingModel;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An application's own source that breaks its contract is named, with the method. */
@Timeout(60)
class BrokenSourceTest {
  private static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(3);

  private static FunctionLogitSource sound(String name) {
    return FunctionLogitSource.of(name, 8, 20, ids -> new float[] {0, 1, 2, 3, 4, 5, 6, 7});
  }

  /** A source that answers one of its methods otherwise. */
  private static LogitModel broken(String method, UnaryOperator<@Nullable Object> answer) {
    return proxy(LogitModel.class, sound("odd"), method, answer);
  }

  private static <T> T proxy(
      Class<T> type, Object target, String method, UnaryOperator<@Nullable Object> answer) {
    InvocationHandler handler =
        (self, called, arguments) -> {
          if (called.getName().equals("host") && !method.equals("host")) {
            return self;
          }
          try {
            Object result = called.invoke(target, arguments);
            return called.getName().equals(method) ? answer.apply(result) : result;
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(
        Proxy.newProxyInstance(
            BrokenSourceTest.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  static Stream<Arguments> whatIsSeenAtOnce() {
    return Stream.of(
        at("name", result -> null, "returned null from name()"),
        at("name", result -> "", "returned an empty name"),
        at("tokenizer", result -> null, "returned null from tokenizer()"),
        at("host", result -> null, "returned null from host()"),
        at("host", result -> FunctionLogitSource.of("h", 9, 9, i -> null), "9 instead of 8 logits"),
        at("endOfTextIds", result -> null, "returned null from endOfTextIds()"),
        at("endOfTextIds", result -> Set.of(8), "a set with 8 from endOfTextIds()"),
        at("endOfTextIds", result -> Set.of(-1), "a set with -1"),
        at("endOfTextIds", result -> Collections.singleton(null), "a set with null"),
        at("width", result -> 0, "returned 0 from width()"),
        at("width", result -> Integer.MAX_VALUE, "returned 2147483647 from width(), expected 1 to"),
        at("logitCap", result -> null, "returned null from logitCap()"),
        at("logitCap", result -> OptionalDouble.of(0), "returned 0.0 from logitCap(), expected a"),
        at("logitCap", result -> OptionalDouble.of(Double.NaN), "returned NaN from logitCap()"),
        at("contextLength", result -> 0, "returned 0 from contextLength()"));
  }

  private static Arguments at(
      String method, UnaryOperator<@Nullable Object> answer, String message) {
    return Arguments.of(method, answer, message);
  }

  @ParameterizedTest
  @MethodSource("whatIsSeenAtOnce")
  void isRefusedWhenTheTunerIsBuilt(
      String method, UnaryOperator<@Nullable Object> answer, String message) {
    LogitModel odd = broken(method, answer);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().base(odd).build())
        .withMessageContaining("the base (")
        .withMessageContaining(message);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ProxyTuner.builder().base(sound("b")).expert(sound("e")).antiExpert(odd).build())
        .withMessageContaining("the anti-expert of pair 0 (")
        .withMessageContaining(message);
  }

  @Test
  void aSourceThatCannotBeRunIsRefused() {
    LogitSource named = proxy(LogitSource.class, sound("named"), "", result -> result);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().base(named).build())
        .withMessageContaining("the base (a source of class ")
        .withMessageContaining("implement io.proxytune.model.LogitModel");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ProxyTuner.builder().base(sound("b")).expert(named).antiExpert(sound("a")).build())
        .withMessageContaining("the expert of pair 0 (a source of class ");
  }

  @Test
  void nullsWhileDecodingAreNamed() {
    assertFails(broken("newSession", result -> null), "returned null from newSession(");
    assertFails(broken("forward", result -> null), "returned null from forward(...)");
  }

  private static void assertFails(LogitModel odd, String message) {
    try (ProxyTuner tuner =
        ProxyTuner.builder().base(sound("b")).expert(odd).antiExpert(sound("a")).build()) {
      assertThatThrownBy(() -> tuner.generate(Prompt.ofIds(1), OPTIONS))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the expert of pair 0 ('odd') ")
          .hasMessageContaining(message);
    }
  }

  @Test
  void aForkOfNullIsNamed() {
    FunctionLogitSource inner = sound("odd");
    LogitSession session = proxy(LogitSession.class, inner.newSession(9), "fork", result -> null);
    LogitModel odd = new OneSession(inner, session);
    try (ProxyTuner tuner = ProxyTuner.builder().base(odd).build()) {
      assertThatThrownBy(() -> tuner.generateMany(Prompt.ofIds(1), 2, OPTIONS))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the base ('odd') returned null from its session's fork(");
    }
  }

  /** A source of one session, whose logits are always the same. */
  private static final class OneSession extends DelegatingModel {
    private final LogitSession session;

    private OneSession(LogitModel model, LogitSession session) {
      super(model);
      this.session = session;
    }

    @Override
    public LogitSession newSession(int capacity) {
      return session;
    }

    @Override
    public Logits forward(List<Segment> segments) {
      return Logits.of(8, new float[8]);
    }
  }

  private static LogitModel withRows(UnaryOperator<@Nullable Object> row) {
    return broken("forward", logits -> proxy(Logits.class, logits, "row", row));
  }

  @Test
  void rowsThatAreNoneAreRefused() {
    List<LogitModel> none =
        List.of(
            withRows(row -> null), withRows(row -> new float[7]), withRows(row -> new float[9]));
    for (LogitModel odd : none) {
      try (ProxyTuner alone = ProxyTuner.builder().base(odd).build();
          ProxyTuner steered =
              ProxyTuner.builder().base(sound("b")).expert(odd).antiExpert(sound("a")).build()) {
        for (ProxyTuner tuner : List.of(alone, steered)) {
          assertThatThrownBy(() -> tuner.generate(Prompt.ofIds(1), OPTIONS.withLogprobs(2)))
              .isInstanceOf(ModelException.class)
              .hasMessageContaining("for row 0, expected 8 values");
        }
      }
    }
  }

  @Test
  void nanAndInfinityAreNamedAsTheModels() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      LogitModel odd =
          withRows(
              row -> {
                float[] copy = Arrays.copyOf((float[]) row, 8);
                copy[5] = bad;
                return copy;
              });
      assertFails(odd, "gave logit " + bad + " for token id 5");
    }
  }

  @Test
  void anAlphaThatLeadsOutOfFloat32IsNamed() {
    LogitModel expert =
        FunctionLogitSource.of("e", 8, 20, ids -> new float[] {9, 0, 0, 0, 0, 0, 0, 0});
    try (ProxyTuner tuner =
        ProxyTuner.builder()
            .base(sound("b"))
            .expert(expert)
            .antiExpert(sound("a"))
            .alpha(1e300)
            .build()) {
      assertThatThrownBy(() -> tuner.generate(Prompt.ofIds(1), OPTIONS))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the fused logit of token id 0 is beyond the range of float32")
          .hasMessageContaining("alpha 1.0E300 of pair 0")
          .hasMessageContaining("smaller alpha");
    }
  }

  @Test
  void absurdNumbersOfTextsAreRefused() {
    try (ProxyTuner tuner = ProxyTuner.builder().base(sound("b")).build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tuner.generateMany(Prompt.ofIds(1), Integer.MAX_VALUE, OPTIONS))
          .withMessageContaining("the number of texts decoded together must be <= 65536");
      assertThat(tuner.generate(Prompt.ofIds(1), OPTIONS).tokenIds()).containsExactly(7, 7, 7);
    }
  }

  static Stream<Arguments> whatATokenizerMayNotAnswer() {
    return Stream.of(
        Arguments.of("encode", "returned null from encode(...), expected ids"),
        Arguments.of("decode", "returned null from decode(...), expected a text"),
        Arguments.of("token", "returned null from token(0), expected an Optional"),
        Arguments.of("id", "returned null from id(...), expected an Optional"),
        Arguments.of("renderChat", "returned null from renderChat(...), expected a text"));
  }

  @ParameterizedTest
  @MethodSource("whatATokenizerMayNotAnswer")
  void aTokenizersNullIsNamed(String method, String message) {
    Tokenizer tokenizer =
        proxy(Tokenizer.class, FakeTokenizer.LETTERS.withTemplate(), method, result -> null);
    assertThatThrownBy(() -> useAll(tokenizer))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
  }

  private static void useAll(Tokenizer tokenizer) {
    FakeModel model = FakeModel.hashed("base", 1).withTokenizer(tokenizer);
    try (ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      assertThat(tuner.tokenizer()).isSameAs(tokenizer);
      tuner.generate(Prompt.chat(ChatMessage.user("a")), OPTIONS);
      tuner.generate("ab", OPTIONS.withStopStrings(List.of("c")));
    }
  }
}
