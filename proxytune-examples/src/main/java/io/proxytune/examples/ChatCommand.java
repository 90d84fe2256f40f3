package io.proxytune.examples;

import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.examples.chat.ChatLoop;
import io.proxytune.examples.chat.Tuners;
import io.proxytune.examples.cli.Interrupts;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.VerboseOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Holds a conversation on the terminal. */
@Command(
    name = "chat",
    description = {
      "Holds a conversation on the terminal, with the steered model and, where /base asks for it,"
          + " with the base beside it. /help says what can be typed."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class ChatCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final ModelOptions models = new ModelOptions();
  @Mixin private final PublishedOption published = new PublishedOption();
  @Mixin private final RequestOptions request = new RequestOptions();

  @Option(names = "--system", paramLabel = "TEXT", description = "Instructions for the model.")
  private @Nullable String system;

  @Option(
      names = "--template-roles",
      paramLabel = "ROLE",
      split = ",",
      description =
          "Which models read the chat template: base, expert and anti-expert, or none. The expert"
              + " if not given, or a base that is alone.")
  private @Nullable List<String> templateRoles;

  @Option(
      names = "--chat-variable",
      paramLabel = "NAME=VALUE",
      description = "A variable for the chat template, such as enable_thinking=false.")
  private Map<String, String> chatVariables = new LinkedHashMap<>();

  @Option(
      names = "--hide-thoughts",
      description = "Don't show what the model thinks before it answers.")
  private boolean hideThoughts;

  @Option(names = "--quiet", description = "No progress of loading.")
  private boolean quiet;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  ChatCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    models.check();
    published.check(!models.pairs().isEmpty());
    request.applyTo(GenerationOptions.defaults()); // refuses what can't work before loading
    prompt(Prompt.of("")); // and so here
    try (TunerSession session = TunerSession.open(app, models, quiet)) {
      GenerationOptions first =
          published.options(
              session.base(),
              session.pairs(),
              line -> app.terminal().err().println("proxytune: " + line));
      run(session, request.applyTo(first));
    }
    return 0;
  }

  private void run(TunerSession session, GenerationOptions options) {
    Tuners tuners = new SessionTuners(app, session, models.prefillChunk());
    try (ChatLoop loop =
            new ChatLoop(
                app.terminal(),
                tuners,
                options,
                Optional.ofNullable(system),
                this::prompt,
                !hideThoughts);
        Interrupts interrupts = Interrupts.answering(() -> interrupt(loop))) {
      loop.run();
    }
  }

  private void interrupt(ChatLoop loop) {
    if (!loop.interrupt()) {
      app.terminal().err().println("\nproxytune: /quit or Ctrl-D ends");
    }
  }

  private Prompt prompt(Prompt plain) {
    Prompt prompt = plain.withChatVariables(ChatVariables.parse(chatVariables));
    return templateRoles == null
        ? prompt
        : prompt.withChatTemplateFor(PromptOptions.roles(templateRoles));
  }

  /** The models of a session, which closes them. */
  private record SessionTuners(App app, TunerSession session, int prefillChunk) implements Tuners {
    @Override
    public List<Double> alphas() {
      return session.pairs().stream().map(ExpertPair::alpha).toList();
    }

    @Override
    public ProxyTuner steered(List<Double> alphas) {
      List<ExpertPair> pairs = new ArrayList<>();
      for (int i = 0; i < alphas.size(); i++) {
        pairs.add(session.pairs().get(i).withAlpha(alphas.get(i)));
      }
      return app.engine().tuner(session.base(), pairs, prefillChunk);
    }

    @Override
    public ProxyTuner base() {
      return app.engine().tuner(session.base(), List.of(), prefillChunk);
    }
  }
}
