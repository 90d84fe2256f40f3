package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's commands, and those of the pages beside it, are accepted; the messages that it
 * explains exist, and so does what the pages link to.
 */
@Tag("slow")
class ReadmeTest {
  private static final List<String> PAGES =
      List.of("README.md", "proxytune-examples/README.md", "proxytune-bench/SPEED.md");
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)(?:#[^)]*)?\\)");
  private static final Pattern COMMAND = Pattern.compile("-Dexec\\.args=\"([^\"]*)\"");
  private static final Set<String> FAMILY_COMMANDS = Set.of("evaluate", "sweep", "experiment");
  private static final Set<String> LOADING_COMMANDS = Set.of("diagnose", "runtime");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|([^\\s']+)");
  private static final Pattern MESSAGE = Pattern.compile("(?m)^- `([^`]+)`: ");
  private static final Pattern CONCATENATION = Pattern.compile("\"\\s*\\+\\s*\"");

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("mvnw")) ? here : here.getParent();
  }

  private static String readme() throws IOException {
    return Files.readString(root().resolve("README.md"));
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(result -> result.group(1)).toList();
  }

  /** Splits as the exec plugin does. */
  private static String[] words(String commandLine) {
    return WORD.matcher(commandLine).results().map(ReadmeTest::word).toArray(String[]::new);
  }

  private static String word(MatchResult result) {
    return result.group(1) == null ? result.group(2) : result.group(1);
  }

  @Test
  void everyCommandIsAccepted(@TempDir Path folder) throws IOException {
    Path family = TinyFamily.write(folder.resolve("family"));
    List<String> commands = new ArrayList<>();
    for (String page : PAGES) {
      List<String> ofPage = all(COMMAND, Files.readString(root().resolve(page)));
      assertThat(ofPage).as(page).isNotEmpty();
      commands.addAll(ofPage);
    }
    assertThat(commands).hasSizeGreaterThanOrEqualTo(8);
    Files.writeString(folder.resolve("prompts.jsonl"), "{\"prompt\": \"Hello\"}\n");
    Files.writeString(folder.resolve("schema.json"), "{\"type\": \"object\"}");
    Files.writeString(
        folder.resolve("questions.jsonl"), "{\"prompt\": \"p\", \"expected\": \"x\"}\n".repeat(40));
    for (String command : commands) {
      CliRun run = runOrMeasure(inFolder(words(command), folder), family);
      assertThat(run.status()).as(command + ": " + run.err()).isZero();
    }
  }

  /** No file is looked for in the working directory, or written there. */
  private static String[] inFolder(String[] words, Path folder) {
    return Stream.of(words)
        .map(it -> it.matches(".*\\.(jsonl|json|csv|html)") ? folder.resolve(it).toString() : it)
        .toArray(String[]::new);
  }

  private static CliRun run(String[] words, Path family) throws IOException {
    boolean own = Stream.of(words).anyMatch("--data"::equals);
    if (FAMILY_COMMANDS.contains(words[0]) && !own) {
      return CliRun.of(new TorchEngine(), onFamily(words, family));
    }
    if (LOADING_COMMANDS.contains(words[0])) {
      return CliRun.of(new TorchEngine(), loading(words, family));
    }
    if (words[0].equals("serve")) {
      Path key = Files.writeString(family.resolveSibling("key"), "secret");
      Stream<String> moved = Stream.of(words).map(it -> it.equals("KEYS") ? key.toString() : it);
      Stream<String> anyPort = Stream.concat(moved, Stream.of("--port", "0"));
      return CliRun.serving(new FakeEngine(), address -> {}, anyPort.toArray(String[]::new));
    }
    return CliRun.of(new FakeEngine(), own ? oneByOne(words) : words);
  }

  /** What stands in for a tuner is for one thread. */
  private static String[] oneByOne(String[] words) {
    return Stream.concat(Stream.of(words), Stream.of("--at-once", "1")).toArray(String[]::new);
  }

  /** Pages are written beside the family, not into the working directory. */
  private static String[] onFamily(String[] words, Path family) {
    Stream<String> moved =
        Stream.of(words)
            .map(it -> it.endsWith(".html") ? family.resolveSibling(it).toString() : it)
            .map(it -> it.equals("DIR") ? family.resolveSibling("made").toString() : it);
    return Stream.concat(moved, Stream.of("--family", family.toString())).toArray(String[]::new);
  }

  /** The paper's benchmarks have files of their own. */
  private static CliRun runOrMeasure(String[] words, Path family) throws IOException {
    return List.of(words).contains("--task")
        ? CliRun.of(new FakeEngine(), onPublishedFiles(words, family))
        : run(words, family);
  }

  /** Benchmarks are read from a folder beside the family, and their runs are written there. */
  private static String[] onPublishedFiles(String[] words, Path family) throws IOException {
    Path data = Files.createDirectories(family.resolveSibling("published"));
    String row = "{\"question\": \"?\", \"answer\": \"#### 3\", \"model_output\": \"3\"}\n";
    Files.writeString(data.resolve("test.jsonl"), row);
    Files.writeString(family.resolveSibling("predictions.jsonl"), row);
    Map<String, Path> places = Map.of("DATA", data, "RUN", data.resolve("run"));
    return Stream.of(words)
        .map(it -> places.containsKey(it) ? places.get(it).toString() : it)
        .toArray(String[]::new);
  }

  /** With a model that is there, in all roles, and little to do. */
  private static String[] loading(String[] words, Path family) {
    String model = family.resolve("base").toString();
    Stream<String> little =
        words[0].equals("runtime")
            ? Stream.of("--setting", "2:2", "--trials", "1")
            : Stream.of("--max-new-tokens", "2", "--template-roles", "none");
    Stream<String> here = Stream.of(words).map(word -> word.equals("DIR") ? model : word);
    return Stream.concat(here, little).toArray(String[]::new);
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<Path> pages;
    try (Stream<Path> files = Files.walk(root())) {
      pages = files.filter(file -> file.toString().endsWith(".md")).filter(this::isOurs).toList();
    }
    assertThat(pages).contains(root().resolve("README.md"));
    for (Path page : pages) {
      assertThat(all(LINK, Files.readString(page)))
          .as(page.toString())
          .allSatisfy(link -> assertThat(page.resolveSibling(link)).exists());
    }
  }

  private boolean isOurs(Path page) {
    String path = root().relativize(page).toString();
    return !path.contains("target") && !path.contains("family") && !path.startsWith(".");
  }

  @Test
  void everyMessageExplainedIsOneOfTheSources() throws IOException {
    String section = readme().substring(readme().indexOf("## Troubleshooting"));
    List<String> messages = all(MESSAGE, section);
    assertThat(messages).hasSizeGreaterThanOrEqualTo(10);
    String sources = sources();
    assertThat(messages).allSatisfy(message -> assertThat(sources.contains(message)).isTrue());
  }

  /** The main sources with every string literal in one piece. */
  private static String sources() throws IOException {
    List<String> texts = new ArrayList<>();
    for (String module : List.of("proxytune-api", "proxytune-core")) {
      try (Stream<Path> files = Files.walk(root().resolve(module).resolve("src/main/java"))) {
        texts.add(
            files
                .filter(file -> file.toString().endsWith(".java"))
                .map(ReadmeTest::withoutConcatenations)
                .collect(Collectors.joining()));
      }
    }
    return String.join("", texts);
  }

  private static String withoutConcatenations(Path file) {
    try {
      return CONCATENATION.matcher(Files.readString(file)).replaceAll("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
