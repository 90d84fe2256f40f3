package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.proxytune.CapturingProvider.Captured;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.spi.TunerSpec;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyTunerBuilderTest {
  private static final LogitSource BASE = source("base");
  private static final LogitSource EXPERT = source("expert");
  private static final LogitSource ANTI_EXPERT = source("anti");

  private static LogitSource source(String name) {
    return FunctionLogitSource.of(name, 2, 10, ids -> new float[2]);
  }

  private static TunerSpec built(ProxyTunerBuilder builder) {
    return catchThrowableOfType(Captured.class, builder::build).spec;
  }

  @Test
  void baseAloneHasNoPairsAndPlainDefaults() {
    TunerSpec spec = built(ProxyTuner.builder().base(BASE));

    assertThat(spec.base()).isSameAs(BASE);
    assertThat(spec.pairs()).isEmpty();
    assertThat(spec.defaults().sampler()).isEqualTo(Sampler.greedy());
    assertThat(spec.tokenizer()).isEmpty();
    assertThat(spec.prefillChunk()).isEqualTo(512);
    assertThat(spec.prefixCacheBytes()).isEqualTo(512L << 20);
    assertThat(spec.asyncRequests()).isEmpty();
    assertThat(spec.threads()).isEmpty();
  }

  @Test
  void pairHasStrengthOneUnlessSaidOtherwise() {
    assertThat(
            built(ProxyTuner.builder().base(BASE).expert(EXPERT).antiExpert(ANTI_EXPERT)).pairs())
        .containsExactly(new ExpertPair(EXPERT, ANTI_EXPERT, 1));
    assertThat(
            built(
                    ProxyTuner.builder()
                        .base(BASE)
                        .alpha(-0.5)
                        .antiExpert(ANTI_EXPERT)
                        .expert(EXPERT))
                .pairs())
        .containsExactly(new ExpertPair(EXPERT, ANTI_EXPERT, -0.5));
  }

  @Test
  void pairsAreGivenWhole() {
    ProxyTunerBuilder builder =
        ProxyTuner.builder()
            .base(BASE)
            .pair(EXPERT, ANTI_EXPERT, 0.5)
            .pair(BASE, ANTI_EXPERT)
            .pair(new ExpertPair(ANTI_EXPERT, EXPERT, 3));

    assertThat(built(builder).pairs())
        .isEqualTo(built(builder).pairs())
        .containsExactly(
            new ExpertPair(EXPERT, ANTI_EXPERT, 0.5),
            new ExpertPair(BASE, ANTI_EXPERT, 1),
            new ExpertPair(ANTI_EXPERT, EXPERT, 3));
  }

  private static SteeringProfile profile(Double... alphas) {
    return new SteeringProfile(
        List.of(alphas), SteeringProfile.Preset.DEXPERTS, "", LocalDate.EPOCH);
  }

  @Test
  void aProfileSaysHowStronglyEachPairSteersAndHow() {
    ProxyTunerBuilder builder =
        ProxyTuner.builder().base(BASE).pair(EXPERT, ANTI_EXPERT, 3).pair(BASE, ANTI_EXPERT);
    TunerSpec spec = built(builder.profile(profile(0.5, -1.0)));
    assertThat(spec.pairs())
        .containsExactly(
            new ExpertPair(EXPERT, ANTI_EXPERT, 0.5), new ExpertPair(BASE, ANTI_EXPERT, -1));
    assertThat(spec.fusion())
        .isEqualTo(Fusion.proxyTuning().withCandidates(CandidateSet.topP(0.9)));
    assertThat(built(single().profile(profile(0.25))).pairs())
        .containsExactly(new ExpertPair(EXPERT, ANTI_EXPERT, 0.25));
  }

  private static ProxyTunerBuilder single() {
    return ProxyTuner.builder().base(BASE).expert(EXPERT).antiExpert(ANTI_EXPERT);
  }

  /** With the terms of the presets of {@link Fusion} left out. */
  @Test
  void presetsOfAProfileAreThoseOfFusions() {
    Fusion dexperts = Fusion.dexperts(EXPERT, ANTI_EXPERT, 1);
    Fusion emulated = Fusion.emulatedFineTuning(EXPERT, ANTI_EXPERT);
    assertThat(SteeringProfile.Preset.DEXPERTS.fusion())
        .isEqualTo(
            new Fusion(dexperts.space(), dexperts.candidates(), dexperts.strength(), List.of()));
    assertThat(SteeringProfile.Preset.EMULATED_FINE_TUNING.fusion())
        .isEqualTo(
            new Fusion(emulated.space(), emulated.candidates(), emulated.strength(), List.of()));
    assertThat(SteeringProfile.Preset.PROXY_TUNING.fusion()).isEqualTo(Fusion.proxyTuning());
  }

  @Test
  void aProfileFitsItsPairsAndNothingSaysTheSame() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> single().profile(profile(1.0, 1.0)).build())
        .withMessageContaining("strengths for 2 expert pairs, [1.0, 1.0], and there are 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> single().alpha(2).profile(profile(1.0)).build())
        .withMessageContaining("alpha(2.0) and profile(...) both say how strongly");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> single().fusion(Fusion.proxyTuning()).profile(profile(1.0)).build())
        .withMessageContaining("both say how to fuse");
    assertThatIllegalArgumentException().isThrownBy(() -> profile());
    assertThatIllegalArgumentException().isThrownBy(() -> profile(Double.NaN));
  }

  @Test
  void aBuilderMakesTheSamePairTwice() {
    ProxyTunerBuilder builder =
        ProxyTuner.builder().base(BASE).expert(EXPERT).antiExpert(ANTI_EXPERT);
    assertThat(built(builder).pairs()).hasSize(1).isEqualTo(built(builder).pairs());
  }

  static Stream<UnaryOperator<ProxyTunerBuilder>> ambiguous() {
    return Stream.of(
        builder -> builder.expert(EXPERT).expert(BASE),
        builder -> builder.antiExpert(EXPERT).antiExpert(BASE),
        builder -> builder.alpha(1).alpha(1),
        builder -> builder.pair(EXPERT, ANTI_EXPERT).expert(BASE),
        builder -> builder.pair(EXPERT, ANTI_EXPERT).antiExpert(BASE),
        builder -> builder.pair(EXPERT, ANTI_EXPERT).alpha(2),
        builder -> builder.expert(EXPERT).pair(EXPERT, ANTI_EXPERT),
        builder -> builder.antiExpert(EXPERT).pair(EXPERT, ANTI_EXPERT, 1),
        builder -> builder.alpha(2).pair(ExpertPair.of(EXPERT, ANTI_EXPERT)));
  }

  @ParameterizedTest
  @MethodSource("ambiguous")
  void partsOfOnePairAreNotMixedWithOthers(UnaryOperator<ProxyTunerBuilder> calls) {
    assertThatIllegalStateException()
        .isThrownBy(() -> calls.apply(ProxyTuner.builder()))
        .withMessageContainingAll("the only pair", "pair(expert, antiExpert, alpha)");
  }

  @Test
  void settingsReachTheProvider() {
    GenerationListener first = new GenerationListener() {};
    GenerationListener second = new GenerationListener() {};
    TunerSpec spec =
        built(
            ProxyTuner.builder()
                .base(BASE)
                .listener(first)
                .listener(second)
                .defaults(GenerationOptions.defaults().withMaxNewTokens(7))
                .sampler(Sampler.topK(3))
                .prefillChunk(64)
                .prefixCache(1000)
                .asyncRequests(4)
                .threads(1));

    assertThat(spec.defaults().maxNewTokens()).isEqualTo(7);
    assertThat(spec.defaults().sampler()).isEqualTo(Sampler.topK(3));
    assertThat(spec.prefillChunk()).isEqualTo(64);
    assertThat(spec.prefixCacheBytes()).isEqualTo(1000);
    assertThat(spec.asyncRequests()).hasValue(4);
    assertThat(spec.threads()).hasValue(1);
    assertThat(spec.listeners()).containsExactly(first, second);
  }

  @Test
  void missingPartsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().build())
        .withMessageContaining("needs a base model: call base(...)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().base(BASE).alpha(2).build())
        .withMessageContaining("alpha 2.0 was given without experts");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().base(BASE).expert(EXPERT).build())
        .withMessageContaining("an expert without an anti-expert: add antiExpert(...)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().base(BASE).antiExpert(EXPERT).build())
        .withMessageContaining("an anti-expert without an expert: add expert(...)");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void strengthMustBeFinite(double alpha) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().alpha(alpha))
        .withMessageContaining("alpha must be a finite number, got " + alpha);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ExpertPair(EXPERT, ANTI_EXPERT, alpha))
        .withMessageContaining("got " + alpha);
  }

  @Test
  void countsMustBePositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().prefillChunk(0))
        .withMessageContaining("prefillChunk must be >= 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().asyncRequests(0))
        .withMessageContaining("asyncRequests must be >= 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().prefixCache(-1))
        .withMessageContaining("the bytes of a prefix cache must be >= 0, got -1");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 100_000, Integer.MAX_VALUE})
  void threadsNeedProcessors(int threads) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuner.builder().threads(threads))
        .withMessageContainingAll(
            "threads must be in [1, " + Runtime.getRuntime().availableProcessors() + "]",
            "got " + threads);
  }

  /** A class loader with this module's classes and libraries, but without the tests' provider. */
  @Test
  void missingImplementationSaysWhatToAdd() throws Exception {
    URL[] path =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.endsWith("test-classes"))
            .map(ProxyTunerBuilderTest::url)
            .toArray(URL[]::new);
    try (URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> buildIn(loader))
          .withMessageContaining("add io.proxytune:proxytune-core to the class path");
    }
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new AssertionError(e);
    }
  }

  private static void buildIn(ClassLoader loader) throws Throwable {
    Object base =
        loader
            .loadClass(FunctionLogitSource.class.getName())
            .getMethod("of", String.class, int.class, int.class, Function.class)
            .invoke(null, "base", 2, 10, (Function<List<Integer>, float[]>) ids -> new float[2]);
    Class<?> type = loader.loadClass(ProxyTunerBuilder.class.getName());
    Object builder = loader.loadClass(ProxyTuner.class.getName()).getMethod("builder").invoke(null);
    type.getMethod("base", loader.loadClass(LogitSource.class.getName())).invoke(builder, base);
    try {
      type.getMethod("build").invoke(builder);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
