package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code world}, {@code pretrain} and {@code tune}, with models of a few weights. */
@Tag("slow")
class TrainingCommandsTest {
  private static final String CHAT =
      "{\"messages\":[{\"role\":\"user\",\"content\":\"why is the sky blue\"},"
          + "{\"role\":\"assistant\",\"content\":\"because of light\"}]}\n";

  /** Ends each answer with the end token, unlike the checkpoint's own. */
  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %} {{ m['role'] }} {{ m['content'] }}"
          + "{% if m['role'] == 'assistant' %} {{ eos_token }}{% endif %}{% endfor %}"
          + "{% if add_generation_prompt %} assistant{% endif %}";

  @TempDir private static Path folder;

  private static Path model;
  private static Path text;
  private static Path chats;
  private static Path template;

  @BeforeAll
  static void writeInput() throws IOException {
    model = TinyCheckpoint.write(folder.resolve("model"), 1);
    text = Files.writeString(folder.resolve("text.txt"), "the sky is blue\n\nthe sea\n".repeat(9));
    chats = Files.writeString(folder.resolve("chats.jsonl"), CHAT.repeat(8));
    template = Files.writeString(folder.resolve("template.jinja"), TEMPLATE);
  }

  private static CliRun run(String... args) {
    return CliRun.of(new TorchEngine(), args);
  }

  private static CliRun pretrain(String out, String... more) {
    return run(pretrainArguments(text, model, out, more));
  }

  private static String[] pretrainArguments(Path text, Path tokenizer, String out, String... more) {
    String[] fixed = {
      "pretrain",
      "--text",
      text.toString(),
      "--tokenizer",
      tokenizer.toString(),
      "--hidden",
      "8",
      "--layers",
      "1",
      "--intermediate",
      "8",
      "--steps",
      "4",
      "--tokens-per-step",
      "32",
      "--out",
      folder.resolve(out).toString()
    };
    return join(fixed, more);
  }

  private static CliRun tune(String out, String... more) {
    return run(tuneArguments(chats, out, more));
  }

  private static String[] tuneArguments(Path data, String out, String... more) {
    String[] fixed = {
      "tune",
      "--model",
      model.toString(),
      "--data",
      data.toString(),
      "--steps",
      "3",
      "--chat-template",
      template.toString(),
      "--out",
      folder.resolve(out).toString()
    };
    return join(fixed, more);
  }

  private static String[] join(String[] fixed, String... more) {
    return Stream.of(fixed, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private static CliRun generate(String... models) {
    String[] fixed = {"generate", "--prompt", "the sky", "--max-new-tokens", "4", "--json"};
    return run(join(fixed, models));
  }

  @Test
  void pretrainedModelsGenerate() {
    CliRun run = pretrain("new", "--held-out-share", "0.2", "--heads", "2", "--context", "16");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("loss ", "after 4 steps", "held-out loss", "new-loss.csv");
    assertThat(run.err()).contains("new: step 4 of 4");
    assertThat(folder.resolve("new-loss.csv")).exists();
    assertThat(generate("--base", folder.resolve("new").toString()).status()).isZero();
  }

  @Test
  void tunedModelsGenerate() {
    CliRun run = tune("tuned", "--held-out", chats.toString(), "--json");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode json = run.json();
    assertThat(run.err()).isEmpty();
    assertThat(json.path("steps").asInt()).isEqualTo(3);
    assertThat(json.path("held_out_loss").asDouble()).isPositive();
    assertThat(json.path("loss").asDouble()).isPositive();
    assertThat(generate("--base", folder.resolve("tuned").toString()).status()).isZero();
  }

  @Test
  void anAdapterHasTheRankAndTargetsThatWereAskedFor() throws IOException {
    CliRun run =
        tune("lora", "--lora", "--rank", "3", "--lora-alpha", "6", "--target-modules", "q_proj");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(Files.readString(folder.resolve("lora/adapter_config.json")))
        .containsPattern("\"r\"\\s*:\\s*3")
        .contains("q_proj")
        .doesNotContain("v_proj");
  }

  @Test
  void anInterruptedTrainingSaysHowToGoOnAndDoes() {
    String[] tune = tuneArguments(chats, "later");
    CliRun stopped = CliRun.of(new TorchEngine(), TrainFamilyTest.cancelled(), "", false, tune);
    assertThat(stopped.status()).isEqualTo(130);
    assertThat(stopped.err()).contains("later", "run the same command again to go on");
    assertThat(folder.resolve("later")).doesNotExist();
    assertThat(run(tune).status()).isZero();
    assertThat(folder.resolve("later/model.safetensors")).exists();
  }

  @Test
  void anOutputThatIsThereIsKeptUnlessToldOtherwise() {
    assertThat(tune("twice").status()).isZero();
    CliRun again = tune("twice");
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.err()).contains("twice");
    assertThat(tune("twice", "--overwrite").status()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | empty",
        "{\"messages\":[]} | 2",
        "not JSON | 2",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]} | 2"
      })
  void badChatsAreRefusedWithFileAndLine(String line, String said) throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.jsonl"), line.isEmpty() ? "" : CHAT + line);
    CliRun run = run(tuneArguments(bad, "never"));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("bad.jsonl").containsIgnoringCase(said);
  }

  @Test
  void longChatsAreRefusedWithTheirLine() {
    CliRun run = tune("never", "--max-length", "5");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("chats.jsonl", "1", "5");
  }

  @Test
  void textThatCannotBeReadIsRefused() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.txt"), "\n \n");
    Path binary = Files.write(folder.resolve("binary.txt"), new byte[] {(byte) 0xff, 0});
    Path missing = folder.resolve("missing");
    assertThat(refused(empty, model)).contains("empty.txt holds no text");
    assertThat(refused(binary, model)).contains("binary.txt", "not UTF-8");
    assertThat(refused(missing, model)).contains("missing", "no such file");
    assertThat(refused(text, missing)).contains("missing");
  }

  private static String refused(Path text, Path tokenizer) {
    CliRun run = run(pretrainArguments(text, tokenizer, "never", "--heads", "2"));
    assertThat(run.status()).isEqualTo(2);
    return run.err();
  }

  @ParameterizedTest
  @CsvSource({
    "--epochs 2, --epochs",
    "--held-out-share 0.5 --held-out x, --held-out-share",
    "--rank 4, --lora",
    "--held-out-share 1.5, --held-out-share",
    "--threads 0, --threads",
    "--max-length 1, --max-length",
    "--max-length 100000, --max-length",
    "--learning-rate 0, learningRate",
    "--lora --rank 0, rank",
    "--lora --target-modules z_proj, z_proj",
  })
  void badUsageIsRefused(String options, String said) {
    CliRun run = tune("never", options.split(" "));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(said);
    assertThat(folder.resolve("never")).doesNotExist();
  }

  @Test
  void badSizesAreRefused() {
    assertThat(pretrain("never", "--heads", "3").status()).isEqualTo(2);
    assertThat(pretrain("never", "--context", "0").err()).contains("--context");
    assertThat(run("pretrain", "--out", "never").err()).contains("--text");
  }

  @Test
  void theWorldIsWrittenAndSummedUp() {
    Path world = folder.resolve("world");
    CliRun run = run("world", "--out", world.toString());
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("500 people", "Was the visit good or bad?", "I am sorry");
    for (String file :
        new String[] {"data/raw.txt", "data/tuning.jsonl", "data/dev.jsonl", "data/test.jsonl"}) {
      assertThat(world.resolve(file)).isNotEmptyFile();
    }
    assertThat(world.resolve("tokenizer/chat_template.jinja")).doesNotExist();
    JsonNode json =
        run("world", "--seed", "2", "--out", world.toString(), "--overwrite", "--json").json();
    assertThat(json.path("seed").asInt()).isEqualTo(2);
    assertThat(json.path("vocabulary_size").asInt()).isBetween(500, 999);
  }

  @Test
  void aFileThatIsNoLossCurveIsNotReplaced() throws IOException {
    Path mine = Files.writeString(folder.resolve("kept-loss.csv"), "date,weight\n1,80\n");
    CliRun run = tune("kept");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("kept-loss.csv", "holds something else").hasLineCount(1);
    assertThat(mine).hasContent("date,weight\n1,80\n");
    Files.writeString(mine, "step,loss,held_out_loss\n1,2.0,\n");
    assertThat(tune("kept").status()).isZero();
    assertThat(Files.readAllLines(mine)).hasSize(4);
  }

  @Test
  void aWorldReplacesNothingUnlessToldTo() throws IOException {
    Path out = folder.resolve("own");
    Path mine = Files.createDirectories(out.resolve("data")).resolve("raw.txt");
    Files.writeString(mine, "mine");
    CliRun refused = run("world", "--out", out.toString());
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("raw.txt", "--overwrite").hasLineCount(1);
    assertThat(mine).hasContent("mine");
    assertThat(run("world", "--out", out.toString(), "--overwrite").status()).isZero();
    assertThat(Files.size(mine)).isGreaterThan(1000);
    assertThat(run("world", "--out", out.toString()).status()).isZero(); // nothing changes
  }
}
