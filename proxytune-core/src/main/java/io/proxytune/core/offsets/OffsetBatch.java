package io.proxytune.core.offsets;

import io.proxytune.DeviceException;
import io.proxytune.core.offsets.OffsetText.Steered;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.ModelPass.Reading;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of all clients. In each round all models read what is new of all requests, and
 * prompts in chunks beside. What fails fails the requests that it belongs to. For one thread.
 */
final class OffsetBatch implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(OffsetBatch.class);

  /** So few tokens are read at once whatever else is. */
  private static final int FEW = 16;

  /** The longest answer. */
  private static final long MOST_ROW_BYTES = Integer.MAX_VALUE - (16L << 20);

  private final OffsetModels models;
  private final OffsetLimits limits;
  private final Counters counters;
  private final long cacheBytes;
  private final Map<OffsetText, Waiting> reading = new LinkedHashMap<>();
  private final List<Answer> underWay = new ArrayList<>();
  private final Set<Client> clients = Collections.newSetFromMap(new IdentityHashMap<>());
  private int requests;
  private long usedBytes;

  OffsetBatch(OffsetModels models, OffsetLimits limits, Counters counters) {
    this.models = models;
    this.limits = limits;
    this.counters = counters;
    this.cacheBytes =
        limits.cacheBytes() > 0
            ? limits.cacheBytes()
            : models.halfOfFreeBytes().orElse(Long.MAX_VALUE);
  }

  /**
   * Who waits for a text to be read.
   *
   * @param request the text's number
   * @param answer where it is said what became of it
   * @param slot the row in there; −1 where none is wanted
   */
  private record Waiting(long request, Answer answer, int slot) {
    boolean wanted() {
      return slot >= 0;
    }
  }

  boolean isIdle() {
    return reading.isEmpty();
  }

  /** Begins with what a client asks for; a fault of its message ends its connection. */
  void begin(Client client, Step step, CompletableFuture<Answer> done) {
    clients.add(client);
    try {
      long rows = step.reads().stream().filter(Step.Read::wanted).count();
      if (rows * client.rowBytes() > MOST_ROW_BYTES) {
        throw new FaultException(Fault.MALFORMED, rows + " rows are too many for a message");
      }
      Answer answer = new Answer(step, client, done);
      for (long request : step.leaves()) {
        leave(client, request);
      }
      step.joins().forEach(join -> join(join, answer));
      step.reads().forEach(read -> read(read, answer));
      counters.steps.increment();
      underWay.add(answer);
      finish();
    } catch (FaultException e) {
      done.completeExceptionally(e);
    }
  }

  /** A client has gone. */
  void leave(Client client) {
    List.copyOf(client.texts().keySet()).forEach(request -> leave(client, request));
    underWay.removeIf(answer -> answer.client() == client);
    clients.remove(client);
  }

  private void leave(Client client, long request) {
    client.failed().remove(request);
    OffsetText text = client.texts().remove(request);
    if (text != null) {
      reading.remove(text);
      requests--;
      usedBytes -= text.cacheBytes();
      text.close();
    }
  }

  private void fail(Waiting waiting, FaultException failure) {
    counters.failures.increment();
    Client client = waiting.answer.client();
    leave(client, waiting.request);
    if (waiting.wanted()) {
      waiting.answer.fail(waiting.slot, failure);
    } else if (waiting.answer.done().isDone()) {
      client.failed().put(waiting.request, failure); // and is told with the next step
    } else {
      waiting.answer.fail(waiting.request, failure);
    }
  }

  private void join(Step.Join join, Answer answer) {
    Map<Long, OffsetText> texts = answer.client().texts();
    if (texts.containsKey(join.request())) {
      throw new FaultException(
          Fault.MALFORMED, name(join.request()) + " joins, and it has not left");
    }
    counters.requests.increment();
    try {
      if (requests >= limits.requests()) {
        throw new FaultException(
            Fault.TOO_MANY, "there are " + requests + " requests, and no more may be");
      }
      texts.put(join.request(), new OffsetText(models, join.room(), steering(join.strengths())));
      requests++;
    } catch (FaultException e) {
      counters.failures.increment();
      answer.fail(join.request(), e);
    }
  }

  private static String name(long request) {
    return "request " + Long.toUnsignedString(request);
  }

  private List<Steered> steering(List<Step.Strength> asked) {
    int pairs = models.pairs().size();
    Map<Integer, Double> strengths = new LinkedHashMap<>();
    if (asked.isEmpty()) {
      models.pairs().forEach(pair -> strengths.put(pair.index(), pair.alpha()));
    }
    for (Step.Strength each : asked) {
      if (each.pair() >= pairs) {
        throw new FaultException(
            Fault.PAIR, "there is no pair " + each.pair() + ": there are " + pairs);
      }
      if (strengths.put(each.pair(), each.alpha()) != null) {
        throw new FaultException(Fault.PAIR, "pair " + each.pair() + " is named twice");
      }
    }
    return strengths.entrySet().stream()
        .map(each -> new Steered(models.pairs().get(each.getKey()), each.getValue()))
        .filter(each -> each.alpha() != 0 && OffsetModels.differs(each.pair()))
        .toList();
  }

  private void read(Step.Read read, Answer answer) {
    Client client = answer.client();
    OffsetText text = client.texts().get(read.request());
    if (text == null) {
      FaultException failure = client.failed().remove(read.request());
      answer.fail(
          read.request(),
          failure == null
              ? new FaultException(Fault.UNKNOWN_REQUEST, name(read.request()) + " is not here")
              : failure);
      return;
    }
    Waiting before = reading.get(text);
    if (before != null && before.wanted()) {
      throw new FaultException(
          Fault.MALFORMED, name(read.request()) + " is read again before its row came");
    }
    counters.tokens.add(read.tokens().length);
    Waiting none = new Waiting(read.request(), answer, -1);
    usedBytes -= text.cacheBytes();
    try {
      text.read(read.kept(), read.tokens(), cacheBytes - usedBytes);
    } catch (FaultException e) {
      if (e.fault() == Fault.MALFORMED) {
        throw e;
      }
      usedBytes += text.cacheBytes();
      fail(none, e);
      return;
    } catch (RuntimeException e) {
      usedBytes += text.cacheBytes();
      fail(none, explained(e));
      return;
    }
    usedBytes += text.cacheBytes();
    int slot = read.wanted() ? answer.want(read.request()) : -1;
    if (text.hasUnread()) {
      reading.put(text, new Waiting(read.request(), answer, slot));
    } else if (read.wanted()) {
      put(answer, slot, new float[0]); // nothing steers it
    }
  }

  private void put(Answer answer, int slot, float[] offset) {
    answer.put(slot, offset);
    counters.rows.increment();
  }

  private static FaultException explained(RuntimeException e) {
    if (e instanceof FaultException failure) {
      return failure;
    }
    logger.warn("A request can't be steered", e);
    Fault fault = e instanceof DeviceException ? Fault.MEMORY : Fault.MODEL;
    return new FaultException(fault, e.getMessage() == null ? e.toString() : e.getMessage());
  }

  /** All models read once what is due, and those texts get their rows of which all was read. */
  void round() {
    if (reading.isEmpty()) {
      return;
    }
    try (ModelPass pass = new ModelPass()) {
      Map<OffsetText, List<Reading>> due = new LinkedHashMap<>();
      List<OffsetText> ending = new ArrayList<>();
      int budget = limits.chunk();
      for (Map.Entry<OffsetText, Waiting> each : reading.entrySet()) {
        OffsetText text = each.getKey();
        int tokens = Math.min(text.unread(), limits.chunk());
        if (tokens > FEW && tokens > budget && budget < limits.chunk()) {
          continue; // in a later round
        }
        budget -= tokens > FEW ? tokens : 0;
        if (text.endsWith(limits.chunk())) {
          ending.add(text);
        }
        due.put(text, text.readings(limits.chunk(), each.getValue().wanted()));
      }
      counters.passes.increment();
      Map<OffsetText, RuntimeException> failures = pass.read(due, text -> false);
      failures.forEach(this::fail);
      ending.removeAll(failures.keySet());
      answer(pass, ending);
    } catch (RuntimeException | Error e) {
      logger.warn("The experts failed", e);
      RuntimeException failure =
          e instanceof RuntimeException known ? known : new IllegalStateException(e);
      List.copyOf(reading.keySet()).forEach(text -> fail(text, failure));
    }
    finish();
  }

  private void fail(OffsetText text, RuntimeException e) {
    Waiting waiting = reading.remove(text);
    if (waiting != null) {
      fail(waiting, explained(e));
    }
  }

  private void answer(ModelPass pass, List<OffsetText> ending) {
    List<OffsetText> wanted = new ArrayList<>();
    for (OffsetText text : ending) {
      Waiting waiting = reading.get(text);
      if (waiting != null && waiting.wanted()) {
        wanted.add(text);
      } else {
        reading.remove(text);
      }
    }
    try (OffsetRows rows = new OffsetRows(models, pass, wanted)) {
      for (OffsetText text : wanted) {
        try {
          float[] offset = rows.of(text);
          Waiting waiting = reading.remove(text);
          put(waiting.answer, waiting.slot, offset);
        } catch (FaultException e) {
          fail(text, e);
        }
      }
    }
  }

  private void finish() {
    underWay.removeIf(
        answer -> {
          boolean over = answer.isComplete();
          if (over) {
            answer.done().complete(answer);
          }
          return over;
        });
  }

  /** Ends all; who waits is told. */
  @Override
  public void close() {
    underWay.forEach(answer -> answer.done().completeExceptionally(OffsetEngine.closing()));
    clients.forEach(
        client -> List.copyOf(client.texts().keySet()).forEach(request -> leave(client, request)));
  }
}
