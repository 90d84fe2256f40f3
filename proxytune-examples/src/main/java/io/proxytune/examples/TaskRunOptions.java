package io.proxytune.examples;

import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.tasks.Decoding;
import io.proxytune.examples.tasks.ExpertFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How models answer a benchmark. */
final class TaskRunOptions {
  @Option(
      names = "--direct",
      paramLabel = "MODEL",
      description = "The base tuned directly, to compare with.")
  private @Nullable String direct;

  @Option(
      names = "--systems",
      paramLabel = "NAME",
      split = ",",
      description = "Who answers: base, expert, steered, direct; all that there are if not given.")
  private @Nullable List<String> systems;

  @Option(
      names = "--expert-format",
      paramLabel = "FORMAT",
      converter = ExpertFormat.Converter.class,
      description =
          "How tuned models read: plain (the default), inst for [INST] ... [/INST] as the paper has"
              + " it, or chat for their own chat template.")
  private ExpertFormat format = ExpertFormat.PLAIN;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "The system's message to tuned models, with inst and chat.")
  private String system = "";

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "A folder for the texts and the report. A run that was ended goes on where it was.")
  private @Nullable Path output;

  @Option(
      names = "--samples",
      paramLabel = "COUNT",
      description = "Texts an item where the benchmark samples; as the paper has it if not given.")
  private @Nullable Integer samples;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "COUNT",
      description = "The most tokens of a text; as the paper has it if not given.")
  private @Nullable Integer maxNewTokens;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Fixes the noise of sampled texts; 1 if not given.")
  private long seed = 1;

  @Option(
      names = "--at-once",
      paramLabel = "COUNT",
      description = "The most texts that are generated at once; 32 if not given.")
  private int atOnce = 32;

  /** Refuses what can't work, before anything is loaded. */
  void check() {
    Usage.check(atOnce >= 1 && atOnce <= 4096, "--at-once must be from 1 to 4096, got %s", atOnce);
    Usage.check(
        samples == null || (samples >= 1 && samples <= 1000),
        "--samples must be from 1 to 1000, got %s",
        samples);
    Usage.check(
        maxNewTokens == null || maxNewTokens >= 1,
        "--max-new-tokens must be >= 1, got %s",
        maxNewTokens);
    Usage.check(
        system.isEmpty() || format != ExpertFormat.PLAIN,
        "--system needs --expert-format inst or chat: plain text has no place for it");
  }

  /** What the paper has, with what is asked for otherwise. */
  Decoding decoding(Decoding paper) {
    Usage.check(
        samples == null || paper.samples() > 1,
        "--samples %s: this benchmark is answered greedily, with one text an item",
        samples);
    Decoding decoding = samples == null ? paper : paper.withSamples(samples);
    return maxNewTokens == null ? decoding : decoding.withMaxNewTokens(maxNewTokens);
  }

  Optional<String> direct() {
    return Optional.ofNullable(direct);
  }

  /** Whether a system is to answer. */
  boolean wants(String name) {
    return systems == null || systems.contains(name);
  }

  /** Refuses systems that there are not. */
  void checkSystems(List<String> known) {
    for (String name : systems == null ? List.<String>of() : systems) {
      Usage.check(
          known.contains(name),
          "--systems: there is no %s here, only %s",
          name,
          String.join(", ", known));
    }
  }

  ExpertFormat format() {
    return format;
  }

  String system() {
    return system;
  }

  Optional<Path> output() {
    return Optional.ofNullable(output);
  }

  long seed() {
    return seed;
  }

  int atOnce() {
    return atOnce;
  }
}
