package io.proxytune.examples;

import io.proxytune.CheckpointException;
import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.PublishedDefaults;
import io.proxytune.examples.cli.Usage;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Whether the generation settings that a model's author published are used. With experts it is the
 * first expert whose manners the text is to have, so that its settings count before the base's.
 */
final class PublishedOption {
  private static final String ANY = "any";

  @Option(
      names = "--published-defaults",
      arity = "0..1",
      fallbackValue = ANY,
      paramLabel = "base|expert",
      description =
          "Begin with the settings of a model's generation_config.json, over which other options"
              + " win: the first expert's if it has some, else the base's, or those of the one"
              + " named.")
  private @Nullable String asked;

  /** Refuses what can't work, before anything is loaded. */
  void check(boolean steered) {
    Usage.check(
        asked == null || List.of(ANY, "base", "expert").contains(asked),
        "--published-defaults takes base, expert or nothing, got '%s'",
        asked);
    Usage.check(
        steered || !"expert".equals(asked),
        "--published-defaults expert needs an expert: add --expert MODEL and --anti-expert MODEL");
  }

  /**
   * What a request begins with. One line says which settings are used, or that there are some.
   *
   * @param notes where the line goes
   */
  GenerationOptions options(LogitSource base, List<ExpertPair> pairs, Notes notes) {
    if (asked == null) {
      mention(base, pairs, notes);
      return GenerationOptions.defaults();
    }
    LogitSource source = source(base, pairs);
    PublishedDefaults published = withIdsOf(base, source);
    notes.add(
        "generation settings published for %s: %s", source.name(), PublishedReport.text(published));
    return published.options();
  }

  /** A source's settings with the base's ids, where both have a tokenizer. */
  private static PublishedDefaults withIdsOf(LogitSource base, LogitSource source) {
    PublishedDefaults published = source.publishedDefaults();
    return source.tokenizer().isEmpty() || base.tokenizer().isEmpty() || source == base
        ? published
        : published.withIdsOf(source.tokenizer().get(), base.tokenizer().get());
  }

  private LogitSource source(LogitSource base, List<ExpertPair> pairs) {
    boolean experts =
        !pairs.isEmpty()
            && ("expert".equals(asked)
                || (ANY.equals(asked) && !pairs.get(0).expert().publishedDefaults().isEmpty()));
    return experts ? pairs.get(0).expert() : base;
  }

  private static void mention(LogitSource base, List<ExpertPair> pairs, Notes notes) {
    String unused =
        Stream.concat(Stream.of(base), pairs.stream().map(ExpertPair::expert))
            .distinct()
            .map(PublishedOption::mention)
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining(" and "));
    if (!unused.isEmpty()) {
      notes.add(
          "generation settings are published for %s, and not used; --published-defaults uses them",
          unused);
    }
  }

  private static String mention(LogitSource source) {
    String settings;
    try {
      PublishedDefaults published = source.publishedDefaults();
      settings = published.isEmpty() ? "" : PublishedReport.text(published);
    } catch (CheckpointException e) {
      settings = "malformed: " + e.getMessage();
    }
    return settings.isEmpty() ? "" : String.format(Locale.ROOT, "%s (%s)", source.name(), settings);
  }

  /** Takes lines beside the result. */
  @FunctionalInterface
  interface Notes {
    void line(String text);

    default void add(String format, Object... args) {
      line(String.format(Locale.ROOT, format, args));
    }
  }
}
