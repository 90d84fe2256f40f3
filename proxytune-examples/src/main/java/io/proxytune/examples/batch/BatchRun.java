package io.proxytune.examples.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Generation;
import io.proxytune.ProxyTuneException;
import io.proxytune.ProxyTuner;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.batch.InputLines.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Generates a text for each line of a file, so many at once. A line that is bad, or whose text
 * can't be generated, is reported and left out; the others go on. For one thread.
 */
public final class BatchRun {
  /** With results in order, so many times as many as are under way may wait for their turn. */
  private static final int WAITING = 4;

  private final ProxyTuner tuner;
  private final Settings settings;
  private final Listener listener;
  private final ResultFile results;
  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  private final Map<Long, CompletableFuture<Generation>> running = new HashMap<>();

  /** The lines under way, in order, each with its result once it is there; none for a bad line. */
  private final TreeMap<Long, Optional<Outcome>> turns = new TreeMap<>();

  private long done;
  private long before;
  private long bad;

  /**
   * How a file is read and written.
   *
   * @param atOnce the most texts that are generated at once
   * @param inOrder whether results are written in the input's order
   * @param request makes a line's request; refuses with an {@link IllegalArgumentException}
   * @param result makes a result of a text
   */
  public record Settings(
      int atOnce,
      boolean inOrder,
      Function<JsonNode, BatchRequest> request,
      Function<Generation, ObjectNode> result) {}

  /** Is told how it goes. */
  public interface Listener {
    /** A line can't be done. */
    void bad(long number, String why);

    /** Another line is through, be it bad. */
    void through();
  }

  /** A text, or why there is none. */
  private record Outcome(
      long line, JsonNode id, @Nullable Generation text, @Nullable Throwable failure) {}

  /**
   * Prepares a run.
   *
   * @param results where results go; what is there already is not generated again
   */
  public BatchRun(ProxyTuner tuner, Settings settings, ResultFile results, Listener listener) {
    this.tuner = tuner;
    this.settings = settings;
    this.results = results;
    this.listener = listener;
  }

  /**
   * Does all lines that are not done.
   *
   * @throws CancellationException if this thread is interrupted; what was written stays
   */
  public BatchSummary run(InputLines lines) {
    try {
      Optional<Line> next = lines.next();
      while (next.isPresent() || !running.isEmpty()) {
        if (next.isPresent() && hasRoom()) {
          begin(next.get());
          next = lines.next();
        } else {
          end(outcomes.take());
        }
      }
      return new BatchSummary(done, before, bad);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } finally {
      new ArrayList<>(running.values()).forEach(text -> text.cancel(false));
    }
  }

  private boolean hasRoom() {
    return running.size() < settings.atOnce && turns.size() < WAITING * settings.atOnce;
  }

  private void begin(Line line) {
    try {
      JsonNode asked = JsonText.parse(line.text());
      if (results.has(line.number())) {
        results.checkSame(line.number(), asked.path(ResultFile.ID));
        before++;
        listener.through();
      } else {
        submit(line.number(), settings.request.apply(asked));
      }
    } catch (InvalidJsonException e) {
      refuse(line.number(), "it is no JSON, " + e.getMessage());
    } catch (BadLineException e) {
      refuse(line.number(), String.valueOf(e.getMessage()));
    }
  }

  private void submit(long line, BatchRequest request) {
    CompletableFuture<Generation> text;
    try {
      text = tuner.generateAsync(request.prompt(), request.options());
    } catch (IllegalArgumentException | ProxyTuneException e) {
      text = CompletableFuture.failedFuture(e);
    }
    running.put(line, text);
    turns.put(line, Optional.empty());
    var unused =
        text.whenComplete(
            (made, failure) -> outcomes.add(new Outcome(line, request.id(), made, failure)));
  }

  private void end(Outcome outcome) {
    running.remove(outcome.line);
    turns.put(outcome.line, Optional.of(outcome));
    if (!settings.inOrder) {
      turns.remove(outcome.line);
      write(outcome);
    }
    while (!turns.isEmpty() && turns.firstEntry().getValue().isPresent()) {
      write(turns.pollFirstEntry().getValue().orElseThrow());
    }
  }

  private void write(Outcome outcome) {
    if (outcome.text == null) {
      refuse(outcome.line, explained(outcome.failure));
      return;
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode().put(ResultFile.LINE, outcome.line);
    if (!outcome.id.isMissingNode()) {
      result.set(ResultFile.ID, outcome.id);
    }
    result.setAll(settings.result.apply(outcome.text));
    results.add(result);
    done++;
    listener.through();
  }

  /** Why there is no text, if that concerns this line alone. */
  private static String explained(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof IllegalArgumentException || cause instanceof ProxyTuneException) {
      return String.valueOf(cause.getMessage());
    } else if (cause instanceof RuntimeException e) {
      throw e;
    } else if (cause instanceof Error e) {
      throw e;
    }
    throw new IllegalStateException(cause);
  }

  private void refuse(long line, String why) {
    bad++;
    listener.bad(line, why);
    listener.through();
  }
}
