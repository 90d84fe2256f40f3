package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate --report} over a tuner that says always the same. */
class ReportOptionsTest {
  @TempDir private Path folder;
  private Path file;
  private final FakeEngine engine = new FakeEngine();

  @BeforeEach
  void nameAFile() {
    file = folder.resolve("page.html");
  }

  private CliRun run(String... more) {
    List<String> args = new ArrayList<>(List.of("generate", "--base", "a", "--report"));
    args.add(file.toString());
    args.addAll(List.of(more));
    return CliRun.of(engine, args.toArray(String[]::new));
  }

  private CliRun steered(String... more) {
    List<String> args = new ArrayList<>(List.of("--expert", "e", "--anti-expert", "s"));
    args.addAll(List.of(more));
    CliRun run = run(args.toArray(String[]::new));
    assertThat(run.status()).as(run.err()).isZero();
    return run;
  }

  private void refused(String why, String... more) {
    CliRun run = run(more);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).hasLineCount(1).contains(why);
    assertThat(engine.loads).isEmpty();
    assertThat(file).doesNotExist();
  }

  private JsonNode data() throws IOException {
    String page = Files.readString(file);
    Matcher found = Pattern.compile("id=\"items\">(.*?)</script>", Pattern.DOTALL).matcher(page);
    assertThat(found.find()).isTrue();
    return new ObjectMapper().readTree(found.group(1));
  }

  @Test
  void eachOfSeveralTextsStandsBesideWhatTheBaseWritesWithItsSeed() throws IOException {
    assertThat(steered("--prompt", "it's", "--n", "2", "--alpha", "0.5").out()).contains("2 of 2");
    JsonNode data = data();
    assertThat(data.get("items")).hasSize(2);
    assertThat(data.at("/items/1/n").intValue()).isEqualTo(2);
    assertThat(data.at("/items/1/prompt").textValue()).isEqualTo("t1 t9");
    assertThat(data.at("/items/1/steered/trace")).hasSize(3);
    assertThat(data.at("/items/1/unsteered").has("trace")).isFalse();
    assertThat(engine.tuner.options.seed()).hasValue(101);
    assertThat(data.get("command").textValue())
        .isEqualTo(
            "generate --base a --report "
                + file
                + " --expert e --anti-expert s --prompt 'it'\\''s' --n 2 --alpha 0.5");
    assertThat(data.at("/models/1/alpha").doubleValue()).isEqualTo(0.5);
    assertThat(data.get("date").textValue()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
  }

  @Test
  void thePageAsksForTracesAndTenAlternatives() {
    List<Integer> asked = new ArrayList<>();
    engine.tuner.atSecondToken =
        () -> asked.add(engine.tuner.options.trace() ? engine.tuner.options.topLogprobs() : -1);
    steered("--prompt", "p");
    steered("--prompt", "p", "--logprobs", "12");
    assertThat(asked).containsExactly(10, 12);
  }

  @Test
  void aFileOfPromptsIsOnePageInTheOrderOfItsLines() throws IOException {
    Path input = folder.resolve("in.jsonl");
    Files.writeString(input, "{\"prompt\":\"x\"}\n{\"prompt\":\"y\",\"id\":5,\"seed\":9}\n{\n");
    CliRun run =
        run(
            "--expert",
            "e",
            "--anti-expert",
            "s",
            "--input",
            input.toString(),
            "--output",
            folder.resolve("out.jsonl").toString());
    assertThat(run.status()).as(run.err()).isEqualTo(3);
    JsonNode items = data().get("items");
    assertThat(items).extracting(it -> it.get("line").intValue()).containsExactly(1, 2);
    assertThat(items.get(1).get("line_id").intValue()).isEqualTo(5);
  }

  @Test
  void classesAreCountedApart() throws IOException {
    Path classes = folder.resolve("classes.json");
    Files.writeString(classes, "{\"letters\": [\"[a-z]\"]}");
    steered("--prompt", "p", "--classes", classes.toString());
    assertThat(Files.readString(file))
        .contains("<th scope=\"row\">letters</th><td>2</td><td>1 of 2 (50.0 %)</td>");
  }

  @Test
  void whatCantBeDoneIsRefusedBeforeAnythingIsLoaded() throws IOException {
    refused("nothing steers: add --expert MODEL", "--prompt", "p");
    String[] pair = {"--prompt", "p", "--expert", "e", "--anti-expert", "s", "--classes", ""};
    pair[7] = folder.resolve("none").toString();
    refused("--classes " + pair[7] + " can't be read: there is no such file", pair);
    Files.writeString(folder.resolve("none"), "[]");
    refused("--classes " + pair[7] + ": it must be an object", pair);
    CliRun run = CliRun.of(engine, "generate", "--base", "a", "--prompt", "p", "--classes", "x");
    assertThat(run.err()).contains("--classes needs --report");
    file = folder.resolve("nowhere").resolve("page.html");
    refused(
        "--report " + file + " can't be written",
        "--prompt",
        "p",
        "--expert",
        "e",
        "--anti-expert",
        "s");
  }
}
