package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.examples.evaluation.FamilyFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code diagnose} and {@code runtime} as a user has them. */
class DiagnoseCommandTest {
  private static final String[] PAIR = {"--base", "b", "--expert", "e", "--anti-expert", "a"};

  @TempDir private Path folder;
  private Path input;
  private final FakeEngine engine = new FakeEngine();

  @BeforeEach
  void writePrompts() throws IOException {
    input = folder.resolve("prompts.jsonl");
    Files.writeString(
        input,
        """
        {"prompt": "How do I patch a jar?"}
        {"id": 2, "prompt": "What does Greta Keld play?", "max_new_tokens": 8}
        """);
  }

  private static String[] join(String[] first, String... more) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private void refused(String why, String... args) {
    CliRun run = CliRun.of(engine, args);
    assertThat(run.status()).as(run.toString()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).hasLineCount(1).contains(why);
    assertThat(engine.loads).isEmpty();
  }

  private String[] diagnose(String... more) {
    String[] begin = {"diagnose", "--input", input.toString()};
    return join(join(begin, PAIR), more);
  }

  @Test
  void whatCantBeDiagnosedIsRefusedBeforeAnythingIsLoaded() throws IOException {
    refused("nothing steers: add --expert MODEL", "diagnose", "--base", "b", "--input", "" + input);
    refused("--limit must be >= 1, got 0", diagnose("--limit", "0"));
    refused("diagnose judges pairs alone: leave out --source", diagnose("--source", "s"));
    refused("diagnose judges pairs alone", diagnose("--preset", "classifier-free"));
    refused("--input holds the prompts: leave out --prompt", diagnose("--prompt", "p"));
    Files.writeString(input, "{\"prompt\": \"x\"}\n{\"text\": \"y\"}\n");
    refused("prompts.jsonl line 2: it needs one of \"prompt\"", diagnose());
    Files.writeString(input, "\n{\n");
    refused("prompts.jsonl line 2: it is no JSON", diagnose());
    Files.writeString(input, "\n");
    refused("holds no prompt", diagnose());
    Files.delete(input);
    refused("can't be read: there is no such file", diagnose());
  }

  @Test
  void whatCantBeTimedIsRefused() {
    refused("nothing steers: add --expert MODEL", "runtime", "--base", "b");
    String[] runtime = join(new String[] {"runtime"}, PAIR);
    refused("--trials must be >= 1, got 0", join(runtime, "--trials", "0"));
    refused("expected PROMPT:NEW tokens such as 8:512, got '8'", join(runtime, "--setting", "8"));
    CliRun run = CliRun.of(engine, runtime);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--setting 8:512 takes 520 tokens, and the context of b has 16");
    assertThat(engine.closed).contains("b", "e", "a");
  }

  private String[] onFamily(String command, String... more) {
    FamilyFolder family = FamilyFolder.require(null);
    String[] models = {
      command,
      "--base",
      family.base().toString(),
      "--expert",
      family.expert().toString(),
      "--anti-expert",
      family.small().toString(),
      "--dtype",
      "float32"
    };
    return join(models, more);
  }

  private static CliRun good(String... args) {
    CliRun run = CliRun.of(new TorchEngine(), args);
    assertThat(run.status()).as(run.err()).isZero();
    return run;
  }

  @Test
  @Tag("slow")
  void aDiagnosisIsAReportAndAnObject() throws IOException {
    String[] args =
        onFamily("diagnose", "--input", input.toString(), "--max-new-tokens", "12", "--chat");
    Path page = folder.resolve("page.html");
    String text = good(join(args, "--html", page.toString())).out();
    assertThat(text.lines()).allMatch(it -> it.codePointCount(0, it.length()) <= 80);
    assertThat(text)
        .contains("Guidance too strong: can't be told", "Vocabularies in doubt: not seen")
        .contains("Sequential bottleneck: ", "About this result", "model.safetensors");
    assertThat(Files.readString(page)).contains("<h2>Vocabularies in doubt: not seen</h2>");
    JsonNode json = good(join(args, "--json", "--limit", "1")).json();
    assertThat(json.get("findings"))
        .extracting(it -> it.get("signature").textValue())
        .containsExactly("too_strong", "too_small", "misfit", "vocabulary", "bottleneck");
    assertThat(json.get("texts").intValue()).isEqualTo(1);
    assertThat(json.get("items")).hasSize(1);
    assertThat(json.at("/items/0/steered").textValue()).isNotBlank();
    assertThat(json.get("command").textValue()).startsWith("diagnose --base ");
    assertThat(json.get("date").textValue()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    assertThat(json.get("models")).hasSize(3);
    assertThat(json.at("/models/0/files")).isNotEmpty();
  }

  /** A base that is smaller than the anti-expert, of which nobody knows what its ids mean. */
  @Test
  @Tag("slow")
  void aSlowPairWithoutATokenizerIsSeen() throws IOException {
    FamilyFolder family = FamilyFolder.require(null);
    Path wordless = Files.createDirectory(folder.resolve("wordless"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(family.base().resolve(file), wordless.resolve(file));
    }
    JsonNode json =
        small("--expert", family.expert().toString(), "--anti-expert", wordless.toString());
    assertThat(json.get("seen"))
        .extracting(JsonNode::textValue)
        .containsExactly("vocabulary", "bottleneck");
    assertThat(json.at("/findings/3/notes"))
        .extracting(JsonNode::textValue)
        .containsExactlyInAnyOrder(
            "The anti-expert or the base has no tokenizer: their ids are taken to mean the same.",
            "The expert has a chat template and was given plain prompts: --chat gives it.");
    assertThat(ids(json.at("/findings/4/figures"))).contains("base", "expert", "anti_expert");
  }

  /** What shares weights runs at once, and is timed so. */
  @Test
  @Tag("slow")
  void modelsOfTheSameWeightsAreOnePass() {
    FamilyFolder family = FamilyFolder.require(null);
    String[] adapter = {"--expert-adapter", family.expertLora().toString()};
    JsonNode json = small(join(adapter, "--anti-expert", family.small().toString()));
    assertThat(ids(json.at("/findings/4/figures"))).contains("base_and_expert_and_anti_expert");
    assertThat(json.at("/findings/4/figures/0/value").doubleValue()).isZero();
  }

  private JsonNode small(String... others) {
    List<String> args = new ArrayList<>(List.of("diagnose", "--input", input.toString()));
    args.addAll(List.of("--base", FamilyFolder.require(null).small().toString()));
    args.addAll(List.of("--json", "--max-new-tokens", "8"));
    args.addAll(List.of(others));
    return good(args.toArray(String[]::new)).json();
  }

  private static List<String> ids(JsonNode figures) {
    return figures.valueStream().map(it -> it.get("id").textValue()).toList();
  }

  @Test
  @Tag("slow")
  void runtimeTimesEverySystemInEverySetting() {
    String[] args =
        onFamily(
            "runtime",
            "--direct",
            FamilyFolder.require(null).baseTuned().toString(),
            "--setting",
            "4:6,6:4",
            "--trials",
            "2");
    assertThat(good(args).out())
        .contains("Prompt of 4 tokens, 6 new ones", "Prompt of 6 tokens, 4 new ones")
        .contains("range of single trials, since fewer than 10");
    JsonNode json = good(join(args, "--json")).json();
    assertThat(json.get("reference").textValue()).isEqualTo("direct");
    for (JsonNode setting : json.get("settings")) {
      assertThat(setting.get("systems"))
          .extracting(it -> it.get("system").textValue())
          .containsExactly("base", "direct", "proxy", "proxy_speculative");
      for (JsonNode system : setting.get("systems")) {
        assertThat(system.get("seconds")).hasSize(2).allMatch(it -> it.doubleValue() > 0);
        assertThat(system.has("interval")).isFalse();
      }
      assertThat(setting.at("/systems/1/ratio").doubleValue()).isEqualTo(1);
    }
  }
}
