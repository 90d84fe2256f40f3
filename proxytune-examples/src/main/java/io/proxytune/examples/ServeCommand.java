package io.proxytune.examples;

import io.proxytune.GenerationOptions;
import io.proxytune.Role;
import io.proxytune.Sampler;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.TextFiles;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.server.ApiKeys;
import io.proxytune.examples.server.ApiServer;
import io.proxytune.examples.server.ServedModels;
import io.proxytune.examples.server.ServerLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves clients over HTTP. */
@Command(
    name = "serve",
    description = {
      "Serves clients of OpenAI's protocol: /v1/completions, /v1/chat/completions, /v1/models; or"
          + " with --offsets an engine that has the base itself.",
      "At / is a page that chats with base and steered model side by side; /health and /metrics"
          + " are for who runs it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
final class ServeCommand implements Callable<Integer> {
  private final App app;

  @Mixin private final ModelOptions models = new ModelOptions();
  @Mixin private final FusionOptions fusion = new FusionOptions();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Where to listen: this machine alone (127.0.0.1) if not given.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "8000 if not given; 0 for any that is free.")
  private int port = 8000;

  @Option(
      names = "--offsets",
      paramLabel = "SOCKET",
      description =
          "Instead of clients over HTTP, serve another engine that has the base, such as vLLM: what"
              + " the pairs add to its logits, through a Unix domain socket at this path. Of --base"
              + " nothing but the tokenizer is read then.")
  private @Nullable Path offsets;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description =
          "Serve only who sends a key of this file, one a line, as \"Authorization: Bearer KEY\".")
  private @Nullable Path keyFile;

  @Option(
      names = "--model-name",
      paramLabel = "NAME",
      description = "What clients call the steered model; BASE+EXPERT if not given.")
  private @Nullable String name;

  @Mixin private final PublishedOption published = new PublishedOption();

  @Option(
      names = "--template-roles",
      paramLabel = "ROLE",
      split = ",",
      description = "Who reads the chat template: base, expert, anti-expert, or none.")
  private @Nullable List<String> templateRoles;

  @Option(
      names = "--chat-tokens",
      paramLabel = "COUNT",
      description = "The longest answer in a chat that sets no limit; 1024 if not given.")
  private int chatTokens = 1024;

  @Option(
      names = "--requests",
      paramLabel = "COUNT",
      description =
          "So many requests at once, each with a thread; 64 if not given. With --offsets 1024.")
  private @Nullable Integer requests;

  @Option(
      names = "--queue",
      paramLabel = "COUNT",
      description = "So many more may wait; others are refused. 256 if not given.")
  private int queue = ServerLimits.USUAL.queued();

  @Option(
      names = "--max-body",
      paramLabel = "MIB",
      description = "The longest request in MiB; 8 if not given.")
  private int maxBody = ServerLimits.USUAL.bodyBytes() >> 20;

  @Option(
      names = "--top-logprobs-limit",
      paramLabel = "COUNT",
      description =
          "Show log-probabilities of so many of the likeliest tokens at most, as other APIs do; 20"
              + " if not given, 0 for that of the token written alone.")
  private int alternatives = ServerLimits.MOST_ALTERNATIVES;

  @Option(names = "--quiet", description = "Show no progress.")
  private boolean quiet;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  ServeCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() throws IOException {
    if (offsets != null) {
      Usage.check(fusion.isPlain(), "--offsets serves pairs of experts, and no other fusion");
      new OffsetsRun(app, models, requests, quiet).serve(offsets, this::untilEnded);
      return 0;
    }
    check();
    InetSocketAddress address = address();
    ApiKeys keys = keys();
    List<Role> roles = templateRoles == null ? null : List.of(PromptOptions.roles(templateRoles));
    try (TunerSession session = TunerSession.open(app, models, fusion, quiet)) {
      GenerationOptions first = first(session);
      ApiServer.Settings settings =
          new ApiServer.Settings(first, chatTokens, roles, keys, limits());
      try (ServedModels served = served(session);
          ApiServer server = ApiServer.start(address, served, settings)) {
        untilEnded(() -> report(server, keys));
      }
    }
    return 0;
  }

  private void check() {
    models.check();
    fusion.check(models.pairs().size());
    fusion.checkOnePrompt("serve");
    published.check(!models.pairs().isEmpty());
    Usage.check(port >= 0 && port <= 65535, "--port must be in [0, 65535], got %s", port);
    Usage.check(chatTokens >= 1, "--chat-tokens must be >= 1, got %s", chatTokens);
    Usage.check(requests == null || requests >= 1, "--requests must be >= 1, got %s", requests);
    Usage.check(queue >= 0, "--queue must be >= 0, got %s", queue);
    Usage.check(
        maxBody >= 1 && maxBody <= 1024, "--max-body must be in [1, 1024], got %s", maxBody);
    Usage.check(name == null || !name.isBlank(), "--model-name must not be empty");
  }

  private InetSocketAddress address() {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("--host " + host + " is no address of this machine", e);
    }
  }

  private ApiKeys keys() {
    return keyFile == null
        ? ApiKeys.none()
        : ApiKeys.parse(
            "--api-key-file " + keyFile,
            TextFiles.read("--api-key-file", keyFile, InputStream.nullInputStream()));
  }

  /** Clients of the protocol expect to sample at temperature 1 where they say nothing. */
  private GenerationOptions first(TunerSession session) {
    GenerationOptions options = published.options(session.base(), session.pairs(), this::note);
    return options.equals(GenerationOptions.defaults())
        ? options.withSampler(Sampler.temperature(1))
        : options;
  }

  private ServedModels served(TunerSession session) {
    return new ServedModels(
        name == null
            ? ServedModels.nameOf(session.base(), session.pairs(), session.fusion())
            : name,
        session.base(),
        session.pairs(),
        session.fusion(),
        session::tuner);
  }

  private ServerLimits limits() {
    ServerLimits usual = ServerLimits.USUAL;
    return new ServerLimits(
        requests == null ? usual.requests() : requests,
        queue,
        maxBody << 20,
        usual.headerBytes(),
        usual.arrival(),
        usual.idle(),
        usual.reading(),
        usual.grace(),
        alternatives);
  }

  private void report(ApiServer server, ApiKeys keys) {
    InetSocketAddress address = server.address();
    String written = host.contains(":") ? "[" + host + "]" : host;
    app.terminal().out().println("serving at http://" + written + ":" + address.getPort() + "/v1");
    app.terminal().out().flush();
    if (keys.isOpen() && !address.getAddress().isLoopbackAddress()) {
      note("whoever reaches " + host + " may use this server: add --api-key-file FILE");
    }
  }

  private void note(String line) {
    app.terminal().err().println("proxytune: " + line);
  }

  /** Announces a server that can be ended from then on, and waits for its end. */
  private void untilEnded(Runnable announcement) {
    CountDownLatch end = new CountDownLatch(1);
    app.cancellation()
        .cancellingWith(
            end::countDown,
            () -> {
              announcement.run();
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // whoever runs this wants it to end
              }
              return end;
            });
  }
}
