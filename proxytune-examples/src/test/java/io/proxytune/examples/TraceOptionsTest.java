package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate --trace} over a tuner that says always the same. */
class TraceOptionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VIEWS =
      Stream.of("fused", "base", "expert", "anti_expert")
          .flatMap(
              role ->
                  Stream.of("logit", "logprob", "rank", "choice", "choice_token", "entropy")
                      .map(name -> role + "_" + name))
          .reduce("", (all, one) -> all + "," + one);
  private static final String FUSED = "2.5,-0.25,0,5,t5,0.75";

  @TempDir private Path folder;
  private Path file;
  private final FakeEngine engine = new FakeEngine();

  @BeforeEach
  void nameAFile() {
    file = folder.resolve("trace.csv");
  }

  private CliRun run(String... more) {
    List<String> args = new ArrayList<>(List.of("generate", "--base", "a", "--trace"));
    args.add(file.toString());
    args.addAll(List.of(more));
    return CliRun.of(engine, args.toArray(String[]::new));
  }

  private void done(String... more) {
    CliRun run = run(more);
    assertThat(run.status()).as(run.err()).isZero();
  }

  private static String row(String start, String token, String base) {
    return String.join(",", start + token, FUSED, base, FUSED, FUSED);
  }

  @Test
  void csvHasARowATokenAndColumnsForEachRole() throws IOException {
    done("--prompt", "p");
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "n,index,id,token,text,steered,shift,divergence,drafted,alpha" + VIEWS,
            row("1,", "0,3,t3,\"a \",false,0.125,1.0E-9,false,0.5", "-1.0,-1.5,1,5,t5,0.5"),
            row(
                "1,",
                "1,5,t5,h\u00e9\u20ac\ud83d\ude00,true,0.125,1.0E-9,true,0.5",
                "-1.0,-1.5,1,4,t4,0.5"),
            row("1,", "2,2,t2,,false,0.125,,false,0.5", ",,9,5,t5,0.5"));
  }

  @Test
  void everyOtherNameGetsJsonLinesWithNullForWhatIsInfinite() throws IOException {
    file = folder.resolve("trace.jsonl");
    done("--prompt", "p");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    JsonNode last = JSON.readTree(lines.get(2));
    assertThat(last.get("divergence").isNull()).isTrue();
    assertThat(last.at("/base/logprob").isNull()).isTrue();
    assertThat(last.at("/base/rank").intValue()).isEqualTo(9);
    assertThat(last.at("/anti_expert/logprob").doubleValue()).isEqualTo(-0.25);
    assertThat(JSON.readTree(lines.get(1)).get("steered").booleanValue()).isTrue();
  }

  @Test
  void jsonHoldsTheSameObjects() throws IOException {
    file = folder.resolve("trace.jsonl");
    JsonNode trace = run("--prompt", "p", "--json").json().get("trace");
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < 3; i++) {
      JsonNode line = JSON.readTree(lines.get(i));
      assertThat(line.get("n").intValue()).isEqualTo(1);
      ((ObjectNode) line).remove("n");
      assertThat(trace.get(i)).isEqualTo(line);
    }
  }

  @Test
  void nothingIsTracedUnlessAskedFor() {
    CliRun run = CliRun.of(engine, "generate", "--base", "a", "--prompt", "p", "--json");
    assertThat(engine.tuner.options.trace()).isFalse();
    assertThat(run.json().has("trace")).isFalse();
  }

  @Test
  void severalTextsAreToldApartByTheirNumber() throws IOException {
    done("--prompt", "p", "--n", "2");
    assertThat(Files.readAllLines(file).stream().map(line -> line.split(",", 2)[0]))
        .containsExactly("n", "1", "1", "1", "2", "2", "2");
  }

  @Test
  void theLocaleChangesNothing() throws IOException {
    Locale before = Locale.getDefault();
    done("--prompt", "p");
    byte[] usual = Files.readAllBytes(file);
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      done("--prompt", "p");
    } finally {
      Locale.setDefault(before);
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(usual);
  }

  @Test
  void aFileOfPromptsGivesTheRowsOfAllItsResultsAlsoOfARunBefore() throws IOException {
    Path input = folder.resolve("in.jsonl");
    String[] options = {"--input", input.toString(), "--output", folder + "/out.jsonl"};
    Files.writeString(input, "{\"prompt\":\"x\"}\n");
    done(options);
    Files.writeString(input, "{\"prompt\":\"x\"}\n\n{\"prompt\":\"y\",\"id\":\"b\"}\n");
    done(options);
    assertThat(Files.readAllLines(file).stream().map(line -> line.split(",", 4)).toList())
        .extracting(columns -> columns[0] + columns[1] + columns[2])
        .containsExactly("lineline_idindex", "10", "11", "12", "3b0", "3b1", "3b2");
  }

  @Test
  void resultsOfARunWithoutTraceAreCounted() throws IOException {
    Path input = folder.resolve("in.jsonl");
    Files.writeString(input, "{\"prompt\":\"x\"}\n");
    String[] common = {"generate", "--base", "a", "--input", input.toString(), "--output"};
    String output = folder.resolve("out.jsonl").toString();
    CliRun.of(engine, Stream.concat(Stream.of(common), Stream.of(output)).toArray(String[]::new));
    CliRun run = run("--input", input.toString(), "--output", output);
    assertThat(run.err()).contains("1 results in " + output + " were made without --trace");
    assertThat(file).isEmptyFile();
  }

  @Test
  void aFileThatCantBeWrittenIsRefusedBeforeAnythingIsLoaded() {
    file = folder.resolve("nowhere").resolve("trace.csv");
    CliRun run = run("--prompt", "p");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).hasLineCount(1).contains("--trace " + file + " can't be written");
    assertThat(engine.loads).isEmpty();
  }

  @Test
  void theFileMayNotBeThatOfTheResults() {
    CliRun run = run("--input", folder + "/x", "--output", folder + "/./trace.csv");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).hasLineCount(1).contains("is --input or --output");
  }
}
