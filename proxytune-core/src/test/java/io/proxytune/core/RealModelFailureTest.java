package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ModelException;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.VocabularyMismatchException;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.torch.NativeMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes wrong while loaded models generate: who gets which exception, and what stays. */
class RealModelFailureTest {
  private static final GenerationOptions LONG =
      GenerationOptions.defaults().withMaxNewTokens(100).withIgnoreEndOfText(true);
  private static final String PROMPT = "w7 w8 w9";
  private static final int REPEATS = 500;

  @TempDir Path temp;
  private LogitSource base;
  private LogitSource expert;
  private LogitSource antiExpert;

  @BeforeEach
  void load() {
    base = TorchModels.load(GoldenModels.folder("trio/base"));
    expert = TorchModels.load(GoldenModels.folder("trio/expert"));
    antiExpert = TorchModels.load(GoldenModels.folder("trio/anti-expert"));
  }

  @AfterEach
  void close() {
    Stream.of(base, expert, antiExpert).forEach(LogitSource::close);
  }

  private ProxyTuner tuner(LogitSource expert) {
    return ProxyTuner.builder().base(base).pair(ExpertPair.of(expert, antiExpert)).build();
  }

  /** A copy of a checkpoint, named {@code copy}. */
  private Path copyOf(String checkpoint) throws IOException {
    Path copy = Files.createDirectory(temp.resolve("copy"));
    try (Stream<Path> files = Files.list(GoldenModels.folder(checkpoint))) {
      for (Path file : files.toList()) {
        Files.write(copy.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
    return copy;
  }

  /** Makes a token's embedding NaN: texts with it get NaN logits, others do not notice. */
  private static Path spoilEmbedding(Path checkpoint, int id) throws IOException {
    StoredTensor embedding = DecoderCheckpoint.open(checkpoint).tensor("model.embed_tokens.weight");
    try (RandomAccessFile file = new RandomAccessFile(embedding.file().toFile(), "rw")) {
      file.seek(embedding.offset() + id * embedding.byteLength() / embedding.shape().get(0));
      file.writeInt(0x0000c07f); // the bytes of a little-endian NaN
    }
    return checkpoint;
  }

  @Test
  void nanWeightsAreBlamedOnTheModelAndItsRoleAndGoodRequestsGoOn() throws IOException {
    // The base's folder, since its head is not tied: only texts with the token are spoilt.
    Path spoilt = spoilEmbedding(copyOf("trio/base"), 95);
    try (LogitSource bad = TorchModels.load(spoilt);
        ProxyTuner tuner = tuner(bad);
        ProxyTuner sound = tuner(base)) {
      GenerationOptions one = LONG.withMaxNewTokens(1);
      for (int i = 0; i < 3; i++) {
        assertThatExceptionOfType(ModelException.class)
            .isThrownBy(() -> tuner.generate("w7 w95", one))
            .withMessageContaining("the expert of pair 0 ('copy') gave logit NaN for token id")
            .withMessageContaining("check its weights, or load it with a wider dtype");
        assertThat(tuner.generate(PROMPT, one).tokenIds())
            .isEqualTo(sound.generate(PROMPT, one).tokenIds());
      }
    }
  }

  @Test
  void nanWeightsOfTheBaseAreBlamedOnTheBase() throws IOException {
    try (LogitSource bad = TorchModels.load(spoilEmbedding(copyOf("trio/base"), 95));
        ProxyTuner tuner = ProxyTuner.builder().base(bad).build()) {
      assertThatExceptionOfType(ModelException.class)
          .isThrownBy(() -> tuner.generate("w7 w95", LONG))
          .withMessageContaining("the base ('copy') gave logit NaN");
    }
  }

  @Test
  void closingAModelWhileItGeneratesEndsTheRequestAndLeavesTheOthersUsable() {
    try (ProxyTuner tuner = tuner(expert);
        ProxyTuner other = tuner(antiExpert)) {
      List<Integer> before = other.generate(PROMPT, LONG).tokenIds();
      Consumer<Token> closing = closeAt(3, expert);
      assertThatIllegalStateException()
          .isThrownBy(() -> tuner.generate(Prompt.of(PROMPT), LONG, closing))
          .withMessage("model expert is closed");
      assertThatIllegalStateException()
          .isThrownBy(() -> tuner.generate(PROMPT, LONG))
          .withMessage("model expert is closed");
      assertThat(other.generate(PROMPT, LONG).tokenIds()).isEqualTo(before);
    }
  }

  private static Consumer<Token> closeAt(int count, AutoCloseable model) {
    return new Consumer<>() {
      private int tokens;

      @Override
      public void accept(Token token) {
        if (++tokens == count) {
          try {
            model.close();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        }
      }
    };
  }

  @Test
  void closingAModelFromAnotherThreadEndsTheRequest() throws Exception {
    try (ProxyTuner tuner = tuner(expert)) {
      CountDownLatch started = new CountDownLatch(1);
      CompletableFuture<Void> running =
          CompletableFuture.runAsync(() -> generateForever(tuner, started));
      started.await();
      expert.close();
      assertThatThrownBy(running::join)
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("model expert is closed");
    }
  }

  @Tag("slow")
  @RepeatedTest(20)
  void closingTheTunerWhileAnotherThreadStreamsEndsTheStream() throws Exception {
    ProxyTuner tuner = tuner(expert);
    CountDownLatch started = new CountDownLatch(1);
    CompletableFuture<Void> running =
        CompletableFuture.runAsync(() -> generateForever(tuner, started));
    started.await();
    tuner.close();
    assertThatThrownBy(running::join)
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tuner")
        .hasMessageContaining("closed");
    try (ProxyTuner next = tuner(expert)) {
      assertThat(next.generate(PROMPT, LONG).tokenIds()).hasSize(100);
    }
  }

  private static void generateForever(ProxyTuner tuner, CountDownLatch started) {
    while (true) {
      try (TokenStream stream = tuner.stream(PROMPT, LONG)) {
        for (Token token : stream) {
          assertThat(token.id()).isNotNegative();
          started.countDown();
        }
      }
    }
  }

  /** A fault of the application's at its second token. */
  private record Fault(String name, GenerationOptions options, Consumer<Token> listener) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static RuntimeException own() {
    return new UnsupportedOperationException("the application's own");
  }

  static Stream<Fault> faults() {
    GenerationOptions two = LONG.withMaxNewTokens(2);
    return Stream.of(
        new Fault(
            "listener",
            two,
            token -> {
              throw own();
            }),
        new Fault(
            "processor",
            two.withProcessors(
                List.of(
                    (logits, context) -> {
                      throw own();
                    })),
            token -> {}),
        new Fault(
            "sampler",
            two.withSampler(
                (logits, context) -> {
                  throw own();
                }),
            token -> {}));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("faults")
  void anApplicationsExceptionReachesItAndLeavesNoCacheBehind(Fault fault) {
    try (ProxyTuner tuner = tuner(expert)) {
      List<Integer> before = tuner.generate(PROMPT, LONG).tokenIds();
      fail(tuner, fault);
      long objects = NativeMemory.objects();
      for (int i = 0; i < REPEATS; i++) {
        fail(tuner, fault);
        // Each time: a collection of garbage would hide what was left.
        assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
      }
      assertThat(tuner.generate(PROMPT, LONG).tokenIds()).isEqualTo(before);
    }
  }

  private static void fail(ProxyTuner tuner, Fault fault) {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> tuner.generate(Prompt.of(PROMPT), fault.options(), fault.listener()))
        .withMessage("the application's own");
  }

  @Test
  void vocabulariesThatDifferAreRefusedWithTheIds() throws IOException {
    Path other = copyOf("trio/expert");
    Path tokenizer = other.resolve("tokenizer.json");
    Files.writeString(
        tokenizer,
        Files.readString(tokenizer).replace("\"w7\"", "\"x7\"").replace("\"w9\"", "\"x9\""));
    try (LogitSource stranger = TorchModels.load(other)) {
      assertThatExceptionOfType(VocabularyMismatchException.class)
          .isThrownBy(() -> tuner(stranger))
          .withMessageContaining("the vocabularies of the base ('base') and the expert of pair 0")
          .withMessageContaining("differ in 2 ids: id 7 is 'w7' to the base and 'x7' to the expert")
          .withMessageContaining("id 9 is 'w9' to the base and 'x9' to the expert")
          .withMessageContaining("use models that share a vocabulary");
    }
  }

  @Test
  void theVocabulariesOfTwoRealModelsAreToldApart() {
    Path stories = SharedData.require("checkpoints/stories-260k");
    Path tinyStories = SharedData.require("checkpoints/tinystories-656k");
    try (LogitSource one = TorchModels.load(tinyStories);
        LogitSource other = TorchModels.load(stories)) {
      assertThatExceptionOfType(VocabularyMismatchException.class)
          .isThrownBy(
              () -> ProxyTuner.builder().base(one).pair(ExpertPair.of(other, other)).build())
          .withMessageContaining("'tinystories-656k'")
          .withMessageContaining("'stories-260k'")
          .withMessageContaining("ids: id ");
    }
  }
}
