package io.proxytune.examples;

import io.proxytune.Constraint;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.examples.cli.TextFiles;
import io.proxytune.examples.cli.Usage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The form that texts must have. */
final class ConstraintOptions {
  @Option(
      names = "--regex",
      paramLabel = "REGEX",
      description = "Write what this regular expression matches from begin to end.")
  private @Nullable String regex;

  @Option(
      names = "--choices",
      paramLabel = "FILE",
      description = "Write one of the texts of FILE, one a line; - is standard input.")
  private @Nullable Path choices;

  @Option(
      names = "--json-schema",
      paramLabel = "FILE",
      description =
          "Write JSON that the schema in FILE describes, as all forms behind what a model thinks in"
              + " a conversation; - is standard input.")
  private @Nullable Path schema;

  @Option(names = "--json-object", description = "Write a JSON object.")
  private boolean json;

  private @Nullable Constraint constraint;

  /** Reads what is given; before models are loaded. */
  void read(InputStream in) {
    List<Constraint> all = new ArrayList<>();
    if (regex != null) {
      all.add(Constraint.regex(regex));
    }
    if (choices != null) {
      List<String> lines =
          TextFiles.read("--choices", choices, in).lines().filter(line -> !line.isEmpty()).toList();
      Usage.check(!lines.isEmpty(), "--choices %s has no text to choose", choices);
      all.add(Constraint.choice(lines));
    }
    if (schema != null) {
      all.add(Constraint.jsonSchema(TextFiles.read("--json-schema", schema, in)));
    }
    if (json) {
      all.add(Constraint.json());
    }
    Usage.check(
        all.size() <= 1,
        "--regex, --choices, --json-schema and --json-object exclude each other: give one");
    constraint = all.isEmpty() ? null : all.get(0);
  }

  /**
   * The options with the form, if one was given. An answer in a conversation has it behind what the
   * model thinks.
   *
   * @param options what else was asked for
   * @param prompt the prompt
   * @param tuner what answers it
   */
  GenerationOptions applyTo(GenerationOptions options, Prompt prompt, ProxyTuner tuner) {
    if (prompt.messages().isEmpty()) {
      return constraint == null ? options : options.withConstraint(constraint);
    }
    AnswerFormat format = AnswerFormat.of(prompt, tuner);
    GenerationOptions marked = format.withMarks(options);
    return constraint == null ? marked : marked.withConstraint(format.binding(constraint));
  }
}
