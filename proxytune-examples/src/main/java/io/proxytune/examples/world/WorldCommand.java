package io.proxytune.examples.world;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the texts that the miniature family learns from and is asked about. */
@Command(
    name = "world",
    description = "Writes a made-up world's texts, chats, test sets and tokenizer.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class)
public final class WorldCommand implements Callable<Integer> {
  private final CommandContext context;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where to write.")
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Another number makes another world; 1 if not given.")
  private long seed = 1;

  @Option(names = "--overwrite", description = "Replace files of these names that are there.")
  private boolean overwrite;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  public WorldCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    WorldFiles files = WorldFiles.of(seed);
    context.cancellation().throwIfRequested();
    List<Path> replaced = overwrite ? List.of() : files.replacedIn(out);
    Usage.check(
        replaced.isEmpty(),
        "%s is there and holds something else: give another --out, or --overwrite",
        replaced.isEmpty() ? "" : replaced.get(0));
    files.write(out);
    if (json) {
      context.terminal().out().println(json(files.summary()));
    } else {
      print(files);
    }
    return 0;
  }

  private ObjectNode json(WorldSummary summary) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("folder", out.toString())
        .put("seed", summary.seed())
        .put("people", summary.people())
        .put("documents", summary.documents())
        .put("raw_tokens", summary.words())
        .put("vocabulary_size", summary.vocabulary())
        .put("tuning", summary.tuning())
        .put("development", summary.development())
        .put("test", summary.test());
  }

  private void print(WorldFiles files) {
    PrintStream print = context.terminal().out();
    WorldSummary all = files.summary();
    line(
        print,
        "World %d: %,d people, %,d words in use",
        all.seed(),
        all.people(),
        all.vocabulary());
    line(print, "  data/raw.txt       %,9d documents, %,d tokens", all.documents(), all.words());
    line(print, "  data/tuning.jsonl  %,9d chats", all.tuning());
    line(print, "  data/dev.jsonl     %,9d exercises", all.development());
    line(print, "  data/test.jsonl    %,9d exercises about other people", all.test());
    line(print, "  tokenizer/         %,9d tokens", all.vocabulary());
    files.examples().forEach((question, answer) -> line(print, "%n%s%n  %s", question, answer));
    line(print, "%nWritten to %s", out);
  }

  private static void line(PrintStream print, String format, Object... values) {
    print.println(String.format(Locale.ROOT, format, values));
  }
}
