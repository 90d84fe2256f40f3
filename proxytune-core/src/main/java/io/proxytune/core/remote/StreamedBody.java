package io.proxytune.core.remote;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is read as it comes, on the client's threads, one at a time.
 *
 * @param <T> what it says
 */
abstract class StreamedBody<T> implements BodySubscriber<T> {
  private final CompletableFuture<T> body = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  /** Takes the next bytes; what it throws fails the answer. */
  abstract void take(byte[] bytes) throws IOException;

  /** Takes the end. */
  abstract T end() throws IOException;

  @Override
  public final CompletionStage<T> getBody() {
    return body;
  }

  @Override
  public final void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(1);
  }

  @Override
  public final void onNext(List<ByteBuffer> buffers) {
    if (body.isDone() || subscription == null) {
      return;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        take(bytes);
      }
      subscription.request(1);
    } catch (IOException | RuntimeException | Error e) {
      body.completeExceptionally(e);
      subscription.cancel();
    }
  }

  @Override
  public final void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public final void onComplete() {
    if (body.isDone()) {
      return;
    }
    try {
      body.complete(end());
    } catch (IOException | RuntimeException | Error e) {
      body.completeExceptionally(e);
    }
  }
}
