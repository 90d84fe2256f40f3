package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What can't work is refused with exit status 2 and one line, before a model is loaded. */
class BadUsageTest {
  private final FakeEngine engine = new FakeEngine();

  private CliRun refused(String... args) {
    CliRun run = CliRun.of(engine, args);
    assertThat(run.status()).as(run.toString()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("proxytune: ").hasLineCount(1).endsWith("\n");
    assertThat(engine.loads).isEmpty();
    return run;
  }

  private static Arguments generate(String options, String message) {
    return Arguments.of(("generate --base b --prompt p " + options).strip(), message);
  }

  static Stream<Arguments> badOptions() {
    return Stream.of(
        Arguments.of("frobnicate", "Unmatched argument at index 0: 'frobnicate'"),
        Arguments.of("generate --prompt p", "Missing required option: '--base=MODEL'"),
        Arguments.of("generate --base", "Missing required parameter for option '--base' (MODEL)"),
        Arguments.of("generate --base b", "a prompt is missing: give --prompt, --prompt-file"),
        generate("--base-tokenizer t", "--base-tokenizer t is for a base on a server, and --base"),
        generate("--base-key-file k", "--base-key-file k is for a base on a server, and --base"),
        Arguments.of("generate --base http://h --prompt p", "add --base-tokenizer MODEL"),
        Arguments.of("generate --base HTTP://h:x{} --base-tokenizer t --prompt p", "is no address"),
        Arguments.of(
            "generate --base http://h --expert e --anti-expert a --prompt p --report page.html",
            "--base http://h has them on its server"),
        Arguments.of("score --base b --prompt p", "Missing required option: '--continuation"),
        Arguments.of("choose --base b --prompt p", "Missing required option: '--option"),
        Arguments.of("inspect", "Missing required parameter: 'MODEL'"),
        generate(
            "--promt x", "did you mean --prefill-chunk or --preset or --prompt or --prompt-file"),
        generate("--alpha 2", "--alpha 2.0 was given without experts: add --expert MODEL and"),
        generate("--expert e", "--expert e has no --anti-expert MODEL beside it"),
        generate("--expert-adapter l", "--expert-adapter l has no --anti-expert MODEL beside it"),
        generate("--expert e --expert-adapter l --anti-expert a", "can't be one expert"),
        generate("--anti-expert a", "--anti-expert a has no --expert MODEL beside it"),
        generate("--expert e --anti-expert a --alpha NaN", "--alpha must be a finite number"),
        generate("--expert e --anti-expert a --alpha Infinity", "got Infinity"),
        generate("--expert e --anti-expert a --alpha x", "'x' is not a double"),
        generate("--dtype int3", "expected stored, float32, bfloat16 or float16, got 'int3'"),
        generate("--quantize int3", "quantization must be none, int8, int4 or int4:GROUP"),
        generate("--expert-quantize int4:48", "must be 32, 64 or 128 weights, got 48"),
        generate("--layout rows", "expected packed or packed-twice, got 'rows'"),
        generate("--device tpu", "device must be cpu, cuda:N, auto, or several"),
        generate("--expert-device tpu", "device must be cpu, cuda:N, auto, or several"),
        generate("--threads 0", "--threads must be >= 1, got 0"),
        generate("--prefill-chunk 0", "--prefill-chunk must be >= 1, got 0"),
        generate("--speculation 65", "--speculation must be auto, off or from 1 to 64, got 65"),
        generate("--speculation 0", "--speculation must be auto, off or from 1 to 64, got 0"),
        generate("--speculation on", "--speculation must be auto, off or a number, got 'on'"),
        generate("--temperature -1", "temperature must be finite and >= 0, got -1.0"),
        generate("--temperature NaN", "temperature must be finite and >= 0, got NaN"),
        generate("--top-k -1", "topK must be >= 0, got -1"),
        generate("--top-p 0", "topP must be in (0, 1], got 0.0"),
        generate("--top-p 1.5", "topP must be in (0, 1], got 1.5"),
        generate("--min-p 2", "minP must be in [0, 1], got 2.0"),
        generate("--typical-p 0", "typicalP must be in (0, 1], got 0.0"),
        generate("--greedy --top-k 3", "--greedy excludes --temperature, --top-k"),
        generate("--repetition-penalty 0", "repetition penalty must be finite and > 0"),
        generate("--logit-bias 5", "--logit-bias"),
        generate("--logit-bias 5=NaN", "logit bias of id 5 must be finite, got NaN"),
        generate("--ban -2", "a banned id must be >= 0, got -2"),
        generate("--max-new-tokens 0", "maxNewTokens must be >= 1, got 0"),
        generate("--min-new-tokens -1", "minNewTokens must be >= 0, got -1"),
        generate("--stop-id x", "'x' is not an int"),
        generate("--time-limit 0", "--time-limit must be above 0"),
        generate("--time-limit NaN", "--time-limit must be above 0"),
        generate("--seed 1.5", "'1.5' is not a long"),
        Arguments.of("generate --base wordless --prompt p", "wordless has no tokenizer.json"),
        generate("--n 0", "--n must be >= 1, got 0"),
        generate("--logprobs -1", "the number of alternatives must be >= 0, got -1"),
        generate("--system s", "--system, --template-roles and --chat-variable need --chat"),
        generate("--chat --template-roles teacher", "takes base, expert and anti-expert, or none"),
        generate("--expert-prompt x", "need --expert and --anti-expert"),
        generate("--prompt-file f", "give one of --prompt, --prompt-file and --messages, got 2"));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("badOptions")
  void refusesInOneLine(String commandLine, String message) {
    assertThat(refused(commandLine.split(" ")).err()).contains(message);
  }

  @Test
  void emptyTextsAreRefused() {
    assertThat(refused("score", "--base", "b", "--prompt", "p", "--continuation", "").err())
        .contains("--continuation must not be empty");
    assertThat(refused("choose", "--base", "b", "--prompt", "p", "--option", "").err())
        .contains("--option must not be empty");
    assertThat(refused("generate", "--base", "b", "--prompt", "p", "--stop", "").err())
        .contains("a stop string must not be empty");
  }

  @Test
  void argumentsThatTheLocaleGarbledAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LocaleCheck.checkReadable(US_ASCII, "p", "Caf\uFFFD\uFFFD"))
        .withMessageContainingAll("Caf", "US-ASCII", "LC_ALL=C.UTF-8", "--prompt-file");
    LocaleCheck.checkReadable(US_ASCII, "plain");
    LocaleCheck.checkReadable(StandardCharsets.UTF_8, "Caf\uFFFD", "Caf\u00e9");
  }

  private CliRun refusedFile(String option, Path file) {
    return refused("generate", "--base", "b", option, file.toString());
  }

  @Test
  void unreadableFilesAreNamedWithTheReason(@TempDir Path folder) throws Exception {
    Path latin1 =
        Files.write(folder.resolve("latin1"), "\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(refusedFile("--prompt-file", folder.resolve("none")).err())
        .contains("none can't be read: there is no such file");
    assertThat(refusedFile("--prompt-file", latin1).err()).contains("it is not UTF-8 text");
    assertThat(refusedFile("--prompt-file", folder).err()).contains("can't be read");
  }

  static Stream<Arguments> badConversations() {
    return Stream.of(
        Arguments.of("{}", "must hold a JSON list"),
        Arguments.of("[]", "must hold a JSON list"),
        Arguments.of("[\n{]", "is no JSON, line 2"),
        Arguments.of("[{\"role\":\"user\"}]", "[0].content must be a text or a list of parts"),
        Arguments.of("[{\"role\":\"\",\"content\":\"x\"}]", "[0] needs a role, such as user"),
        Arguments.of("[{\"role\":\"user\",\"content\":\"x\"}] 1", "is no JSON, line 1"));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("badConversations")
  void badConversationsAreRefused(String json, String message, @TempDir Path folder)
      throws Exception {
    Path file = Files.writeString(folder.resolve("turns.json"), json);
    assertThat(refusedFile("--messages", file).err())
        .contains("turns.json")
        .contains(message)
        .doesNotContain("Source:", "FAIL_ON", "INCLUDE_SOURCE");
  }

  @Test
  void aSecondSystemMessageIsRefused(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("turns.json"), "[{\"role\":\"system\",\"content\":\"x\"}]");
    CliRun run = refused("generate", "--base", "b", "--messages", file.toString(), "--system", "y");
    assertThat(run.err()).contains("--system was given, but the conversation begins with one");
  }
}
