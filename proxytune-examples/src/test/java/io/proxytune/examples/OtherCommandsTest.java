package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What score, choose, inspect and the program itself print. */
class OtherCommandsTest {
  private final FakeEngine engine = new FakeEngine();

  private CliRun run(String... args) {
    CliRun run = CliRun.of(engine, args);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    return run;
  }

  @Test
  void helpIsAGuide() {
    assertThat(run("--help").out())
        .contains("Usage: proxytune", "generate --base", "score", "choose", "inspect")
        .contains("evaluate", "sweep", "experiment");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate",
        "score",
        "choose",
        "inspect",
        "evaluate",
        "sweep",
        "experiment",
        "diagnose",
        "runtime"
      })
  void everyCommandHasHelp(String command) {
    assertThat(run(command, "--help").out()).contains("Usage: proxytune " + command);
  }

  @Test
  void theVersionIsTheBuilds() {
    assertThat(run("--version").out()).matches("proxytune \\d+\\.\\d+\\.\\d+\\S*\\R");
  }

  @Test
  void scoreInJson() {
    CliRun run = run("score", "--base", "b", "--prompt", "p", "--continuation", " a b", "--json");
    assertThat(run.json())
        .hasToString(
            "{\"total\":-3.5,\"per_token\":-1.75,\"tokens\":["
                + "{\"id\":3,\"token\":\"\u2581a\",\"logprob\":-1.0},"
                + "{\"id\":5,\"token\":\"b\",\"logprob\":-2.5}]}");
  }

  @Test
  void scoreForPeople() {
    assertThat(run("score", "--base", "b", "--prompt", "p", "--continuation", " a b").out())
        .isEqualToNormalizingNewlines(
            """
            total -3.5000, 2 tokens, -1.7500 per token
               -1.0000  3 \u2581a
               -2.5000  5 b
            """);
  }

  @Test
  void chooseInJson() {
    CliRun run =
        run("choose", "--base", "b", "--prompt", "p", "--option", " A", "--option", " B", "--json");
    assertThat(run.json())
        .hasToString(
            "{\"index\":1,\"option\":\" B\",\"scores\":["
                + "{\"option\":\" A\",\"total\":-4.0,\"per_token\":-2.0},"
                + "{\"option\":\" B\",\"total\":-2.0,\"per_token\":-1.0}]}");
  }

  @Test
  void chooseForPeopleMarksTheLikeliest() {
    assertThat(
            run("choose", "--base", "b", "--prompt", "p", "--option", "A", "--option", "B").out())
        .isEqualToNormalizingNewlines(
            "     -4.0000   -2.0000 per token  A\n*    -2.0000   -1.0000 per token  B\n");
  }

  @Test
  void inspectForPeople() {
    assertThat(run("inspect", "tiny").out())
        .isEqualToNormalizingNewlines(
            """
            checkpoint      tiny
            architecture    LlamaForCausalLM
            layers          2
            hidden size     128
            heads           8, key and value heads 4
            parameters      1,310,720
            on disk         BF16 2.5 MiB
            in memory       stored 2.5 MiB, float32 5.0 MiB, bfloat16 2.5 MiB, float16 2.5 MiB
            quantized       int8 1.5 MiB
            on this CPU     bfloat16: float16 in FBGEMM's blocks
            KV cache        512 bytes a token as stored, a full context 2.0 MiB, 1.0 MiB with --sliding-window-cache
            context         4,096 tokens
            vocabulary      2,000 ids, logit width 2,048
            special tokens  0 <unk>, 1 <s>
            end of text     2, 7
            chat template   yes
            published       temperature=0.6; without effect: temperature
            """);
  }

  @Test
  void inspectInJson() {
    JsonNode json = run("inspect", "tiny", "--json").json();
    assertThat(json.get("architecture").textValue()).isEqualTo("LlamaForCausalLM");
    assertThat(json.at("/quantized_bytes/int8").longValue()).isEqualTo(1_572_864);
    assertThat(json.at("/layouts/bfloat16").textValue()).isEqualTo("float16 in FBGEMM's blocks");
    assertThat(json.get("memory_bytes"))
        .hasToString(
            "{\"stored\":2621440,\"float32\":5242880,\"bfloat16\":2621440,\"float16\":2621440}");
    assertThat(json.get("kv_bytes_full_context").longValue()).isEqualTo(512L * 4096);
    assertThat(json.get("kv_bytes_sliding").longValue()).isEqualTo(1 << 20);
    assertThat(json.get("special_tokens")).hasToString("{\"0\":\"<unk>\",\"1\":\"<s>\"}");
    assertThat(json.get("end_of_text_ids")).hasToString("[2,7]");
    assertThat(json.get("chat_template").booleanValue()).isTrue();
    assertThat(json.get("published_defaults")).hasToString("{\"temperature\":0.6}");
    assertThat(json.get("published_without_effect")).hasToString("[\"temperature\"]");
    assertThat(json).hasSize(23);
  }

  @Test
  void inspectOfAnAdapter() {
    assertThat(run("inspect", "lora").out())
        .isEqualToNormalizingNewlines(
            """
            adapter         lora
            on model        ../small
            rank            8
            alpha           16.0, rank-stabilized
            targets         k_proj, q_proj
            linear layers   24
            parameters      98,304
            on disk         F32 384.0 KiB
            """);
    assertThat(run("inspect", "lora", "--json").json())
        .hasToString(
            "{\"name\":\"lora\",\"base_model\":\"../small\",\"rank\":8,\"alpha\":16.0,"
                + "\"rank_stabilized\":true,\"targets\":[\"k_proj\",\"q_proj\"],"
                + "\"linear_layers\":24,\"parameters\":98304,\"bytes_by_dtype\":{\"F32\":393216}}");
  }

  @Test
  void inspectRefusesWhatIsNoCheckpoint() {
    CliRun run = CliRun.of(engine, "inspect", "missing");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualToNormalizingNewlines("proxytune: missing is not a directory\n");
  }
}
