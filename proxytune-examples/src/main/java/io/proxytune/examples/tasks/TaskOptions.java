package io.proxytune.examples.tasks;

import io.proxytune.examples.cli.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which benchmark, and how much of it. */
public final class TaskOptions {
  @Option(
      names = "--task",
      required = true,
      paramLabel = "NAME",
      description =
          "gsm8k, truthfulqa-mc, truthfulqa-open, toxigen, triviaqa, humaneval, alpacafarm or"
              + " realtimeqa, as the paper has them.")
  private String task = "";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The folder of the benchmark's published files.")
  private @Nullable Path data;

  @Option(names = "--limit", paramLabel = "COUNT", description = "Only the first items.")
  private @Nullable Integer limit;

  /** The benchmark; refused where there is none of that name. */
  public PaperTask task() {
    Usage.check(limit == null || limit >= 1, "--limit must be >= 1, got %s", limit);
    return PaperTasks.named(task);
  }

  /** The folder, if one is named. */
  Optional<Path> folder() {
    return Optional.ofNullable(data);
  }

  /** The items that are asked, of the published files. */
  public List<TaskItem> items() {
    Usage.check(data != null, "--task %s needs --data DIR with the published files", task);
    return limited(task().items(data));
  }

  /** The first of a list, as many as are asked for. */
  <T> List<T> limited(List<T> all) {
    return limit == null || limit >= all.size() ? all : all.subList(0, limit);
  }
}
