package io.proxytune.bench;

import io.proxytune.ChatMessage;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import io.proxytune.core.WeightLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * Texts of a trained, steered model at real size ({@link WidenedFamily}, bfloat16, greedy), decoded
 * plainly and with speculation, beside the base alone without either.
 *
 * <p>The ways to decode take turns with every question, so that a change of the machine's speed
 * meets all of them; a ratio is one of sums over the questions. The base alone, which was not
 * taught to stop, writes as many tokens as the steered model. Prompts are not part of the times but
 * where a figure says so. {@code -p questions=2} makes a run short, {@code -p draft=6} sets the
 * fixed length, {@code -p layout=PACKED_TWICE} the layout of the weights, {@code -p
 * quantization=int8+head} how they are rounded.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 2)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class SpeculationBenchmark {
  private static final int LONG_TEXT = 80;
  private static final int WARM_UP_QUESTIONS = 1;

  /** How many questions are asked in the ordinary set; a quarter as many in the repetitive one. */
  @Param("8")
  public int questions;

  /** The tokens of a draft of fixed length. */
  @Param("4")
  public int draft;

  /** How the weights lie in memory. */
  @Param("PACKED")
  public WeightLayout layout;

  /** How the weights are rounded: {@code int8+head}, {@code int4:32+head}. */
  @Param("none")
  public String quantization;

  private final Resources resources = new Resources();
  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private ProxyTuner alone;
  private ProxyTuner steered;
  private ProxyTuner adapted;
  private boolean warmUp;

  /** Loads the models; their files are written once. */
  @Setup
  public void load() {
    WidenedFamily family = WidenedFamily.in(DataFolder.path());
    LoadOptions options =
        LoadOptions.defaults()
            .withLayout(layout)
            .withQuantization(Quantization.parse(quantization));
    LogitSource base = resources.add(TorchModels.load(family.base(), options));
    LogitSource expert = resources.add(TorchModels.load(family.expert(), options));
    LogitSource antiExpert = resources.add(TorchModels.load(family.antiExpert(), options));
    LogitSource adapter = resources.add(TorchModels.loadAdapter(antiExpert, family.adapter()));
    alone = resources.add(ProxyTuner.builder().base(base).build());
    steered =
        resources.add(
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build());
    adapted =
        resources.add(
            ProxyTuner.builder().base(base).expert(adapter).antiExpert(antiExpert).build());
  }

  /** Begins with nothing counted. */
  @Setup(Level.Iteration)
  public void forget(IterationParams iteration) {
    warmUp = iteration.getType() == IterationType.WARMUP;
    tallies.clear();
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Answers to the test data's questions: half of them two sentences, the others short. */
  @Benchmark
  public void ordinary() {
    Stream<String> asked =
        Stream.of(
                TestQuestions.of("profile", questions - questions / 2),
                TestQuestions.of("question", questions / 6),
                TestQuestions.of("refusal", questions / 6),
                TestQuestions.of("howto", questions / 2 - 2 * (questions / 6)))
            .flatMap(List::stream);
    run(asked.toList(), GenerationOptions.defaults());
  }

  /**
   * Texts that say the same again and again, with other names: how-to answers that go on with the
   * next question, for as long as the context allows. Prompt lookup does well on them.
   */
  @Benchmark
  public void repetitive() {
    run(
        TestQuestions.of("howto", (questions + 3) / 4),
        GenerationOptions.defaults().withIgnoreEndOfText(true).withMaxNewTokens(LONG_TEXT));
  }

  private void run(List<String> asked, GenerationOptions options) {
    asked.stream().limit(warmUp ? WARM_UP_QUESTIONS : asked.size()).forEach(q -> ask(q, options));
    tallies.forEach(SpeculationBenchmark::report);
    compare("auto", "plain");
    compare("draft", "plain");
    compare("adapter, auto", "adapter, plain");
  }

  private void ask(String question, GenerationOptions asked) {
    GenerationOptions options = asked.withSpeculation(Speculation.off());
    Prompt prompt = Prompt.chat(ChatMessage.user(question));
    GenerationOptions auto = options.withSpeculation(Speculation.auto());
    Generation plain = decode("plain", steered, prompt, options, null);
    decode("auto", steered, prompt, auto, plain);
    GenerationOptions asLong =
        options.withIgnoreEndOfText(true).withMaxNewTokens(plain.tokenIds().size());
    decode("base alone", alone, Prompt.of(question), asLong, null);
    decode("draft", steered, prompt, options.withSpeculation(Speculation.draft(draft)), plain);
    Generation adaptedPlain = decode("adapter, plain", adapted, prompt, options, null);
    decode("adapter, auto", adapted, prompt, auto, adaptedPlain);
  }

  private Generation decode(
      String way,
      ProxyTuner tuner,
      Prompt prompt,
      GenerationOptions options,
      @Nullable Generation expected) {
    long start = System.nanoTime();
    Generation text = tuner.generate(prompt, options);
    double milliseconds = (System.nanoTime() - start) / 1e6;
    boolean differs = expected != null && !expected.tokenIds().equals(text.tokenIds());
    tallies.computeIfAbsent(way, w -> new Tally()).add(text, milliseconds, differs);
    return text;
  }

  private static void report(String way, Tally tally) {
    Samples.add(Figure.of(way + ", a token", "ms"), tally.perToken());
    if (tally.drafted() > 0) {
      Samples.add(Figure.of(way + ": drafted tokens accepted", "%"), 100 * tally.acceptance());
      Samples.add(Figure.of(way + ": tokens a pass", ""), tally.tokensPerPass());
      Samples.add(Figure.of(way + ": texts unlike plain ones", ""), tally.differing());
    }
  }

  /** Speed, so tokens a second: the other's time by one's own. */
  private void compare(String way, String plainly) {
    Tally own = tallies.get(way);
    Tally plain = tallies.get(plainly);
    Tally base = tallies.get("base alone");
    Samples.add(
        Figure.ratio(way + " / base alone, tokens a second").atLeast(1.5),
        base.perToken() / own.perToken());
    Samples.add(
        Figure.ratio(way + " / " + plainly + ", tokens a second").atLeast(2),
        plain.perToken() / own.perToken());
    Samples.add(
        Figure.ratio(way + " / base alone, prompts included"),
        base.perTokenOfAll() / own.perTokenOfAll());
  }
}
