package io.proxytune.core.calls;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.RewardedText;
import io.proxytune.Sampler;
import io.proxytune.Search;
import io.proxytune.TokenStream;
import io.proxytune.core.TorchModels;
import io.proxytune.core.calls.CallWorld.Tuned;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** One thread's calls, of which some come from inside its own samplers and processors. */
final class RandomCaller {
  private static final List<Segment.Rows> ROWS =
      List.of(Segment.Rows.NONE, Segment.Rows.LAST, Segment.Rows.ALL);

  private final CallWorld world;
  private final Random random;
  private int depth;

  RandomCaller(CallWorld world, long seed) {
    this.world = world;
    this.random = new Random(seed);
  }

  /** A call, which may be refused. */
  interface Call {
    void run() throws Exception;
  }

  private List<Call> calls() {
    return List.of(
        this::generate,
        this::generate,
        this::generateMany,
        this::generateAsync,
        this::search,
        this::score,
        this::openStream,
        this::openStream,
        this::readStream,
        this::readStream,
        this::readStream,
        this::endStream,
        this::dropStream,
        this::generateCallingOthers,
        this::openSession,
        this::openSession,
        this::useSession,
        this::useSession,
        this::forward,
        this::forward,
        this::forward,
        this::readLogits,
        this::readLogits,
        this::readLogits,
        this::closeLogits,
        this::closeSession,
        this::loadSource,
        this::closeSource,
        this::openTuner,
        this::closeTuner,
        this::awaitFuture,
        this::endFuture,
        this::interrupt);
  }

  /** Makes one call, and judges how it came out. */
  void call() {
    Call call = calls().get(random.nextInt(calls().size()));
    try {
      call.run();
      world.outcome.count("done");
    } catch (Throwable e) {
      CallJudge.judge(e, world.outcome);
    }
  }

  private int option() {
    return random.nextInt(CallWorld.OPTIONS.size());
  }

  private int prompt() {
    return random.nextInt(CallWorld.PROMPTS.size());
  }

  private int fusion() {
    return random.nextInt(CallWorld.FUSIONS.size());
  }

  private Tuned tuned() {
    Tuned witness = world.witness(fusion());
    return random.nextBoolean() ? witness : world.tuners.any(random).orElse(witness);
  }

  private ProxyTuner tuner() {
    return tuned().tuner();
  }

  private LogitModel source() {
    LogitModel lasting = world.lasting(random.nextInt(3));
    return random.nextInt(3) > 0 ? lasting : world.sources.any(random).orElse(lasting);
  }

  private void generate() {
    int prompt = prompt();
    int option = option();
    Tuned tuned = tuned();
    Generation text =
        tuned.tuner().generate(CallWorld.PROMPTS.get(prompt), CallWorld.OPTIONS.get(option));
    world.check(text, tuned.fusion(), prompt, option);
  }

  /** One sample in chunks is the text; of several beams nothing is known. */
  private void search() {
    int prompt = prompt();
    int option = option();
    Tuned tuned = tuned();
    boolean one = random.nextBoolean();
    int width = one ? 1 : 1 + random.nextInt(3);
    Search search = Search.beam(width, width, 1 + random.nextInt(4));
    List<RewardedText> found =
        tuned.tuner().search(CallWorld.PROMPTS.get(prompt), search, CallWorld.OPTIONS.get(option));
    if (found.isEmpty() || found.stream().anyMatch(text -> Double.isNaN(text.reward()))) {
      world.outcome.violation("a search that found " + found);
    }
    if (search.texts() == 1) {
      world.check(found.get(0).generation(), tuned.fusion(), prompt, option);
    }
  }

  private void generateMany() {
    GenerationOptions options = CallWorld.OPTIONS.get(option());
    if (random.nextBoolean()) {
      tuner().generateMany(CallWorld.PROMPTS.get(prompt()), 1 + random.nextInt(3), options);
    } else {
      List<Prompt> prompts = CallWorld.PROMPTS.subList(0, 1 + random.nextInt(3));
      Tuned tuned = tuned();
      List<Generation> texts = tuned.tuner().generateAll(prompts, CallWorld.OPTIONS.get(0));
      for (int i = 0; i < texts.size(); i++) {
        world.check(texts.get(i), tuned.fusion(), i, 0);
      }
    }
  }

  private void generateAsync() {
    int prompt = prompt();
    int option = option();
    Tuned tuned = tuned();
    var text =
        tuned.tuner().generateAsync(CallWorld.PROMPTS.get(prompt), CallWorld.OPTIONS.get(option));
    var unused =
        text.thenAccept(generation -> world.check(generation, tuned.fusion(), prompt, option));
    world.futures.add(text, random);
  }

  /** These models have no tokenizer. */
  private void score() {
    tuner().score(CallWorld.PROMPTS.get(prompt()), "a");
  }

  private void openStream() {
    world.streams.add(
        tuner().stream(CallWorld.PROMPTS.get(prompt()), CallWorld.OPTIONS.get(option())), random);
  }

  private void readStream() {
    TokenStream stream = world.streams.any(random).orElse(null);
    if (stream == null) {
      return;
    }
    boolean toItsEnd = random.nextInt(3) == 0;
    if (toItsEnd) {
      stream.result();
    } else if (stream.iterator().hasNext() || random.nextBoolean()) {
      stream.iterator().next();
    }
  }

  private void endStream() {
    if (random.nextBoolean()) {
      world.streams.any(random).ifPresent(TokenStream::cancel);
    } else {
      world.streams.take(random).ifPresent(TokenStream::close);
    }
  }

  private void dropStream() {
    world.streams.take(random);
  }

  /** The calls of a sampler or a processor, on whatever is there, itself included. */
  private void generateCallingOthers() {
    if (depth > 1) {
      return;
    }
    depth++;
    try {
      Sampler.Custom calling =
          (logits, context) -> {
            call();
            return random.nextInt(logits.length);
          };
      GenerationOptions plain = CallWorld.OPTIONS.get(0).withMaxNewTokens(3);
      GenerationOptions options =
          random.nextBoolean()
              ? plain.withSampler(calling)
              : plain.withProcessors(List.of((logits, context) -> call()));
      try (TokenStream stream = tuner().stream(CallWorld.PROMPTS.get(prompt()), options)) {
        world.streams.add(stream, random);
        stream.result();
      }
    } finally {
      depth--;
    }
  }

  private void openSession() {
    world.sessions.add(source().newSession(random.nextInt(130)), random);
  }

  private void useSession() {
    LogitSession session = world.sessions.any(random).orElse(null);
    if (session == null) {
      return;
    }
    if (random.nextBoolean()) {
      session.truncate(random.nextInt(12));
    } else {
      world.sessions.add(session.fork(random.nextInt(40)), random);
    }
  }

  private void forward() {
    List<Segment> segments = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int[] tokens = random.ints(random.nextInt(4), 0, CallWorld.WIDTH + 1).toArray();
      Segment.Rows rows = ROWS.get(random.nextInt(3));
      LogitSession session = world.sessions.any(random).orElse(null);
      if (session == null) {
        return;
      }
      segments.add(new Segment(session, tokens, rows));
    }
    world.logits.add(segments.get(0).session().source().forward(segments), random);
  }

  private void readLogits() {
    Logits logits = world.logits.any(random).orElse(null);
    if (logits != null) {
      float[] row = logits.row(random.nextInt(3));
      if (row.length != CallWorld.WIDTH || Float.isNaN(row[random.nextInt(row.length)])) {
        world.outcome.violation("a row of " + row.length + " logits or with NaN");
      }
    }
  }

  private void closeLogits() {
    world.logits.any(random).ifPresent(Logits::close);
  }

  private void closeSession() {
    world.sessions.any(random).ifPresent(LogitSession::close);
  }

  private void loadSource() {
    world.sources.add(
        random.nextBoolean()
            ? TorchModels.load(CallWorld.MODEL)
            : TorchModels.loadAdapter(source(), CallWorld.ADAPTER),
        random);
  }

  private void closeSource() {
    world.sources.any(random).ifPresent(LogitModel::close);
  }

  private void openTuner() {
    world.tuners.add(world.newTuner(fusion()), random);
  }

  private void closeTuner() {
    world.tuners.any(random).map(Tuned::tuner).ifPresent(ProxyTuner::close);
  }

  private void awaitFuture() throws Exception {
    var future = world.futures.any(random).orElse(null);
    if (future != null) {
      future.get(random.nextInt(50), TimeUnit.MILLISECONDS);
    }
  }

  private void endFuture() {
    var future = world.futures.take(random).orElse(null);
    if (future != null) {
      future.cancel(random.nextBoolean());
    }
  }

  /** Another thread, or this one. */
  private void interrupt() {
    world.threads.any(random).ifPresent(Thread::interrupt);
    if (random.nextBoolean()) {
      Thread.interrupted();
    }
  }
}
