package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.CheckpointException;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Score;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small inputs that once gave a wrong answer, an unclear error, a hang or a crash, each through the
 * public calls. Other tests pin the kinds that they stand for with inputs of their own.
 */
@Timeout(60)
class SharedCasesTest {
  private static final LoadOptions FLOAT32 = LoadOptions.defaults().withDType(DType.FLOAT32);

  /** A checkpoint that the cases' files are laid into. */
  private static final String SMALL = "cases/checkpoints/metadata-null";

  @TempDir private Path temp;

  private static Path cases(String relative) {
    return SharedData.require("cases/" + relative);
  }

  private Path copy(Path from, String name) throws IOException {
    Path to = Files.createDirectories(temp.resolve(name));
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
    return to;
  }

  private static void assertRefused(Runnable call, String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(call::run)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .contains(parts)
                    .doesNotContain("java.", "jackson", "JsonReadFeature", "\n"));
  }

  private static Generation write(Path folder, String prompt, int tokens) {
    try (LogitSource model = TorchModels.load(folder, FLOAT32);
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      return tuner.generate(prompt, GenerationOptions.defaults().withMaxNewTokens(tokens));
    }
  }

  /** Either refused by the file's name, or every call gives an answer. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "added-empty",
        "bpe-prefix",
        "precompiled",
        "regex-bt",
        "strip-decoder",
        "template-missing",
        "template-none",
        "unigram-nounk",
        "wordpiece"
      })
  void aTokenizerFileEndsNoProcess(String name) throws IOException {
    Path file = cases("tokenizers/" + name + "/tokenizer.json");
    Path folder = copy(SharedData.require(SMALL), name);
    Files.write(folder.resolve("tokenizer.json"), Files.readAllBytes(file));
    try (LogitSource model = TorchModels.load(folder)) {
      CheckpointTokenizer tokenizer = (CheckpointTokenizer) model.tokenizer().orElseThrow();
      int[] ids = tokenizer.encode("a b é", true);
      assertThat(tokenizer.decode(ids, false)).isNotNull();
      for (int id = 0; id < tokenizer.vocabularySize(); id++) {
        assertThat(tokenizer.decode(new int[] {id, id}, false)).isNotNull();
      }
    } catch (CheckpointException e) {
      assertThat(e.getMessage()).contains(folder.resolve("tokenizer.json").toString());
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "NaN-round",
        "equal-dag",
        "in-list",
        "laughs-repr",
        "negate-min",
        "retain",
        "round-precision",
        "sort-loop",
        "split-space",
        "tojson-separators",
        "unique"
      })
  void aTemplateEndsInItsOwnException(String name) throws IOException {
    Path file = cases("templates/" + name + ".jinja");
    CheckpointTokenizer tokenizer =
        CheckpointTokenizer.open(SharedData.require("tokenizers/tinyllama-chat"), file);
    long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    assertThatExceptionOfType(ChatTemplateException.class)
        .isThrownBy(
            () -> tokenizer.renderChat(List.of(ChatMessage.user("hello you")), true, Map.of()))
        .withMessageContaining(file.toString())
        .withMessageContaining("line ");
    assertThat(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start)
        .as("nanoseconds of work")
        .isLessThan(3_000_000_000L);
  }

  @Test
  void adaptersAreRefusedByTheirCause() throws IOException {
    Path model = SharedData.require(SMALL);
    Path adapter = copy(cases("checkpoints/unclear-refusals/a-module"), "adapter");
    Path pattern = cases("adapters/backtracking-pattern/adapter_config.json");
    Files.write(adapter.resolve("adapter_config.json"), Files.readAllBytes(pattern));
    assertRefused(
        () -> TorchModels.inspectAdapter(adapter), "prefix of what the model was wrapped");
    Path prompts = cases("adapters/prompt-tuning");
    assertRefused(
        () -> TorchModels.load(model, FLOAT32.withAdapter(prompts)),
        "PROMPT_TUNING, which is not supported, and PEFT can't merge it into the model either");
  }

  @ParameterizedTest
  @CsvSource({
    "a-fsdp, prefix of what the model was wrapped in",
    "a-module, prefix of what the model was wrapped in",
    "a-orig_mod, prefix of what the model was wrapped in",
    "a-mlx, mlx-lm"
  })
  void foldersThatWereSavedOtherwiseAreRefusedByTheirCause(String name, String cause) {
    Path adapter = cases("checkpoints/unclear-refusals/" + name);
    Path model = SharedData.require(SMALL);
    assertRefused(() -> TorchModels.inspectAdapter(adapter), cause);
    assertRefused(() -> TorchModels.load(model, FLOAT32.withAdapter(adapter)), cause);
    try (LogitSource host = TorchModels.load(model)) {
      assertRefused(() -> TorchModels.loadAdapter(host, adapter), cause);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors",
        "tokenizer.json",
        "config.json",
        "tokenizer_config.json",
        "generation_config.json",
        "chat_template.jinja"
      })
  void pointersOfGitLfsAreNamed(String file) throws IOException {
    Path folder = copy(SharedData.require(SMALL), "model");
    Path pointer = cases("checkpoints/unclear-refusals/lfs-model.safetensors");
    Files.write(folder.resolve(file), Files.readAllBytes(pointer));
    assertRefused(() -> TorchModels.load(folder), file, "Git LFS");
    assertRefused(() -> TorchModels.inspect(folder), file, "Git LFS");
  }

  @Test
  void aRootOfTheHubsCacheIsNamed() throws IOException {
    copy(SharedData.require(SMALL), "root/snapshots/0a1b2c");
    Path root = temp.resolve("root");
    assertRefused(() -> TorchModels.load(root), "snapshots");
    assertRefused(() -> TorchModels.inspect(root), "snapshots");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "index-names-absent-tensor/shard-index-extra-invfreq",
        "index-names-absent-tensor/shard-index-tied-head",
        "unexpected-tensors",
        "tied-flag-other-head",
        "eos-minus-1",
        "max-position-missing",
        "metadata-null",
        "generation_config-reppen",
        "vocab-544-tokenizer-512"
      })
  void whatTransformersLoadsIsLoaded(String name) {
    Path folder = cases("checkpoints/" + name);
    assertThat(TorchModels.inspect(folder).parameters()).isPositive();
    assertThat(write(folder, "the", 8).tokenIds()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "brokentok, tokenizer.json",
    "brokentc, tokenizer_config.json",
    "brokentpl, chat_template.jinja"
  })
  void aLinkThatLeadsNowhereIsRefusedByName(String name, String file) throws IOException {
    Path folder = copy(SharedData.require(SMALL), name);
    Path link = folder.resolve(file);
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, Path.of("../../blobs/nothere"));
    assertRefused(() -> TorchModels.load(folder), file, "link");
    assertRefused(() -> TorchModels.inspect(folder), file, "link");
    assertRefused(() -> CheckpointTokenizer.open(folder), file, "link");
  }

  @Test
  void sizesOfInfinityAreRead() throws IOException {
    Path folder = copy(SharedData.require(SMALL), "model");
    Path config = cases("checkpoints/tokenizer_config-Infinity/tokenizer_config.json");
    Files.write(folder.resolve("tokenizer_config.json"), Files.readAllBytes(config));
    assertThat(write(folder, "the", 4).tokenIds()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"b-null-bos", "b-nobos-llama"})
  void aTokenThatIsNamedElsewhereIsRendered(String name) throws IOException {
    Path template = Files.writeString(temp.resolve("t.jinja"), "{{ bos_token }}|{{ eos_token }}");
    CheckpointTokenizer tokenizer =
        CheckpointTokenizer.open(cases("checkpoints/bos-named-elsewhere/" + name), template);
    assertThat(tokenizer.renderChat(List.of(ChatMessage.user("hi")), true, Map.of()))
        .isEqualTo("<s>|</s>");
  }

  @ParameterizedTest
  @CsvSource({"l2-cfg-added, <|im_end|>", "l2-padtoken-new, [PAD]"})
  void aTokenThatOnlyAConfigDeclaresIsOne(String name, String token) throws IOException {
    Path folder = copy(SharedData.require("tokenizers/llama2"), name);
    Path patch = cases("checkpoints/tokens-only-in-config/" + name);
    Files.write(
        folder.resolve("tokenizer_config.json"),
        Files.readAllBytes(patch.resolve("tokenizer_config.json")));
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    assertThat(tokenizer.encode(token, false)).containsExactly(32000);
    assertThat(tokenizer.token(32000)).contains(token);
  }

  /** The pattern of Llama 3's base and its Instruct model. */
  @Test
  void aTextEndsWhereTheExpertEndsIt() throws IOException {
    Path small = copy(SharedData.require("checkpoints/tinystories-656k"), "base");
    Path expert = copy(small, "expert");
    Files.write(
        small.resolve("generation_config.json"),
        Files.readAllBytes(cases("checkpoints/expert-eos/base.generation_config.json")));
    Files.write(
        expert.resolve("generation_config.json"),
        Files.readAllBytes(cases("checkpoints/expert-eos/expert.generation_config.json")));
    try (LogitSource base = TorchModels.load(small);
        LogitSource tuned = TorchModels.load(expert);
        ProxyTuner tuner = ProxyTuner.builder().base(base).expert(tuned).antiExpert(base).build()) {
      assertThat(base.endOfTextIds()).containsExactly(0);
      assertThat(tuned.endOfTextIds()).containsExactlyInAnyOrder(0, 2);
      GenerationOptions toTheEnd =
          GenerationOptions.defaults().withMaxNewTokens(20).withLogitBias(Map.of(2, 1000.0));
      Generation ended = tuner.generate("Once upon a time", toTheEnd);
      assertThat(ended.finishReason()).isEqualTo(FinishReason.END_OF_TEXT);
      assertThat(ended.text()).isEmpty();
    }
  }

  @Test
  void logprobsOfAPaddedVocabularyAreThoseOfTransformers() {
    Path folder = cases("checkpoints/vocab-544-tokenizer-512");
    try (LogitSource model = TorchModels.load(folder, FLOAT32);
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      Score score = tuner.score(Prompt.of("Once upon a"), " time");
      assertThat(score.tokens()).hasSize(1);
      assertThat(score.tokens().get(0).logprob()).isCloseTo(-5.9553, within(1e-4));
    }
  }

  @Test
  void advisesHowATokenizerOfAnotherFormatIsMadeOne() {
    Path folder = cases("checkpoints/tokenizer-model-only");
    assertRefused(() -> TorchModels.requireTokenizer(folder), "tokenizer.model", "save_pretrained");
  }
}
