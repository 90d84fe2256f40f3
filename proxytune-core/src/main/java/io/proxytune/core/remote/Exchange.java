package io.proxytune.core.remote;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request until it is answered: it is sent again as {@link Retries} says. Safe for use by several
 * threads.
 *
 * @param <T> what the answer says
 */
final class Exchange<T> {
  private final HttpClient client;
  private final Request<T> request;
  private final Retries retries;
  private final CompletableFuture<T> result = new CompletableFuture<>();

  /** What is under way, guarded by this. */
  private @Nullable CompletableFuture<HttpResponse<Reply<T>>> running;

  /**
   * What is asked.
   *
   * @param http the request, which can be sent again
   * @param body makes what reads an answer
   * @param timeout the longest wait for a whole answer
   * @param onSend called each time that it is sent, with how often it was before; what it throws
   *     fails the request
   */
  record Request<T>(
      HttpRequest http,
      Supplier<? extends HttpResponse.BodySubscriber<T>> body,
      Duration timeout,
      IntConsumer onSend) {}

  private Exchange(HttpClient client, Request<T> request, Retries retries) {
    this.client = client;
    this.request = request;
    this.retries = retries;
  }

  /** Sends a request, and goes on by itself. */
  static <T> Exchange<T> begin(HttpClient client, Request<T> request, Retries retries) {
    Exchange<T> exchange = new Exchange<>(client, request, retries);
    exchange.send();
    return exchange;
  }

  /** The answer to come; unless it is cancelled, it fails with a {@link ServerException} only. */
  CompletableFuture<T> result() {
    return result;
  }

  /** Ends it, on the wire, too. */
  void cancel() {
    result.cancel(false);
    CompletableFuture<?> sent;
    synchronized (this) {
      sent = running;
    }
    if (sent != null) {
      sent.cancel(true); // closes the connection
    }
  }

  private void send() {
    if (result.isDone()) {
      return;
    }
    try {
      request.onSend.accept(retries.sent());
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
      return;
    }
    CompletableFuture<HttpResponse<Reply<T>>> sent =
        client.sendAsync(request.http, Reply.handler(request.body));
    synchronized (this) {
      running = sent;
    }
    if (result.isDone()) { // cancelled meanwhile
      sent.cancel(true);
    }
    // The client's own timeout ends with the headers of an answer.
    var unused =
        sent.copy()
            .orTimeout(request.timeout.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (response, failure) -> {
                  sent.cancel(true); // where it is late
                  settle(response, failure);
                });
  }

  private void settle(@Nullable HttpResponse<Reply<T>> response, @Nullable Throwable failure) {
    if (result.isDone()) {
      return;
    }
    Reply<T> reply = response == null ? null : response.body();
    T body = reply == null ? null : reply.body();
    if (body != null) {
      result.complete(body);
      return;
    }
    try {
      Duration pause =
          reply == null ? retries.pauseAfter(failure(failure)) : retries.pauseAfter(reply);
      CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS)
          .execute(this::send);
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
    }
  }

  private static Throwable failure(@Nullable Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return failure.getCause();
    }
    return failure == null ? new IllegalStateException("neither an answer nor a failure") : failure;
  }
}
