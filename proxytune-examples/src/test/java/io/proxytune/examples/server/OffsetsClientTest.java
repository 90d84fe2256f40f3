package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.core.offsets.OffsetServer;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A base in transformers or vLLM, steered by experts here, writes what three models here write. Run
 * by the profile {@code clients} alone; the property {@code proxytune.python} names a Python with
 * torch and transformers, and {@code proxytune.vllm.python} one with vLLM and the package in {@code
 * src/clients/offsets}.
 */
@Tag("clients")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OffsetsClientTest {
  private static final int TOKENS = 16;
  private static final int PROMPTS = 24;

  private final FamilyFolder family = FamilyFolder.require(null);
  private Path folder;
  private LogitModel base;
  private LogitModel expert;
  private LogitModel antiExpert;
  private OffsetServer server;
  private List<String> prompts;
  private Path promptFile;

  @BeforeAll
  void start(@TempDir Path temporary) throws IOException {
    folder = temporary;
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    base = TorchModels.load(family.base(), options);
    expert = TorchModels.load(family.expert(), options);
    antiExpert = TorchModels.load(family.small(), options);
    server = serve("s.sock");
    prompts = new ArrayList<>();
    for (String line : Files.readAllLines(family.data("test"))) {
      String prompt = RunningServer.json(line).get("prompt").textValue();
      if (prompts.size() < PROMPTS && !prompts.contains(prompt)) {
        prompts.add(prompt);
      }
    }
    promptFile = Files.write(folder.resolve("prompts"), prompts);
  }

  private OffsetServer serve(String name) {
    return OffsetServer.builder()
        .vocabularyOf(family.base())
        .pair("expert", ExpertPair.of(expert, antiExpert))
        .start(folder.resolve(name));
  }

  @AfterAll
  void stop() {
    server.close();
    antiExpert.close();
    expert.close();
    base.close();
  }

  private List<List<Integer>> here(double alpha) {
    try (ProxyTuner tuner =
        ProxyTuner.builder().base(base).pair(expert, antiExpert, alpha).build()) {
      GenerationOptions greedy = GenerationOptions.defaults().withMaxNewTokens(TOKENS);
      return prompts.stream()
          .map(
              prompt ->
                  tuner.generate(Prompt.of(prompt), greedy).tokenIds().stream()
                      .filter(id -> !base.endOfTextIds().contains(id)) // as the scripts do
                      .toList())
          .toList();
    }
  }

  private Process begin(String python, String script, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(python));
    command.add(Path.of("src/clients", script).toString());
    command.addAll(List.of(args));
    Path log = folder.resolve(script + ".log");
    return new ProcessBuilder(command).redirectError(log.toFile()).start();
  }

  private JsonNode end(Process process, String script, Path out) throws Exception {
    try {
      assertThat(process.waitFor(15, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue())
          .as(Files.readString(folder.resolve(script + ".log")))
          .isZero();
    } finally {
      process.destroyForcibly();
    }
    return RunningServer.JSON.readTree(out.toFile());
  }

  private static String python() {
    return System.getProperty("proxytune.python", "python3");
  }

  private static List<List<Integer>> ids(JsonNode texts) {
    List<List<Integer>> ids = new ArrayList<>();
    for (JsonNode text : texts) {
      List<Integer> one = new ArrayList<>();
      text.forEach(id -> one.add(id.intValue()));
      ids.add(one);
    }
    return ids;
  }

  @Test
  void aBaseInTransformersWritesWhatThreeModelsHereWrite() throws Exception {
    Path out = folder.resolve("transformers.json");
    String[] args = {
      server.socket().toString(),
      family.base().toAbsolutePath().toString(),
      promptFile.toString(),
      Integer.toString(TOKENS),
      out.toString()
    };
    JsonNode said = end(begin(python(), "offsets_client.py", args), "offsets_client.py", out);
    List<List<Integer>> steered = here(1);
    assertThat(steered).isNotEqualTo(here(0)).hasSize(PROMPTS);
    for (String way : List.of("beside", "behind", "batch", "float16")) {
      assertThat(ids(said.get(way))).as(way).isEqualTo(steered);
    }
    assertThat(ids(said.get("half"))).isEqualTo(here(0.5));
    assertThat(ids(said.get("none"))).isEqualTo(here(0)).isEqualTo(ids(said.get("base")));
    assertThat(said.get("refused").get("code").intValue()).isEqualTo(3);
  }

  @Test
  void aBaseInVllmWritesWhatThreeModelsHereWrite() throws Exception {
    String vllm = System.getProperty("proxytune.vllm.python", "");
    assumeTrue(!vllm.isEmpty(), "proxytune.vllm.python names no Python with vLLM");
    List<String> settings =
        List.of(
            "{\"async_scheduling\": false}",
            "{\"num_gpu_blocks_override\": 8, \"block_size\": 16, \"max_num_batched_tokens\": 128,"
                + " \"max_num_seqs\": 24, \"enable_prefix_caching\": false,"
                + " \"disable_log_stats\": false}",
            "{\"max_num_batched_tokens\": 8, \"max_num_seqs\": 5}");
    for (String each : settings) {
      Path out = folder.resolve("vllm.json");
      String[] args = {
        server.socket().toString(),
        family.base().toAbsolutePath().toString(),
        promptFile.toString(),
        Integer.toString(TOKENS),
        out.toString(),
        each
      };
      JsonNode said = end(begin(vllm, "vllm_client.py", args), "vllm_client.py", out);
      assertThat(ids(said.get("usual"))).as(each).isEqualTo(here(1));
      assertThat(ids(said.get("half"))).as(each).isEqualTo(here(0.5));
      assertThat(ids(said.get("none"))).as(each).isEqualTo(here(0));
      if (each.contains("disable_log_stats")) {
        assertThat(said.get("preemptions").intValue()).isPositive();
      }
    }
  }

  /** Texts go on where a server is started again, and end with an error where it is not. */
  @Test
  void aServerThatHasGoneIsWaitedFor() throws Exception {
    OffsetServer first = serve("r.sock");
    Path out = folder.resolve("restart.json");
    Process process =
        begin(
            python(),
            "offsets_restart_client.py",
            first.socket().toString(),
            family.base().toAbsolutePath().toString(),
            out.toString());
    assertThat(line(process)).isEqualTo("joined");
    first.close();
    try (OffsetServer second = serve("r.sock")) {
      assertThat(second.stats().connections()).isZero();
      goOn(process);
      assertThat(line(process)).isEqualTo("rejoined");
      assertThat(second.stats().connections()).isEqualTo(1);
    }
    goOn(process);
    JsonNode said = end(process, "offsets_restart_client.py", out);
    assertThat(said.get("again")).hasSize(server.vocabularySize());
    for (int id = 0; id < server.vocabularySize(); id++) {
      assertThat(said.get("again").get(id).doubleValue())
          .isCloseTo(said.get("whole").get(id).doubleValue(), within(1e-4));
    }
    assertThat(said.get("failure").textValue()).contains("has gone").contains("start it again");
  }

  private static String line(Process process) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = process.getInputStream().read(); c >= 0 && c != '\n'; ) {
      line.append((char) c);
      c = process.getInputStream().read();
    }
    return line.toString();
  }

  private static void goOn(Process process) throws IOException {
    process.getOutputStream().write("\n".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }
}
