package io.proxytune.core.tuner;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ContextLengthException;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Token;
import io.proxytune.core.ensemble.FakeModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a publisher does with texts, step by step on this thread. */
class TokenPublisherTest {
  private static final GenerationOptions FIVE = GenerationOptions.defaults().withMaxNewTokens(5);
  private static final Prompt PROMPT = Prompt.ofIds(5, 6, 7);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1);
  private final DefaultProxyTuner tuner = fixture.tuner(base);
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  /** Keeps what it is given. */
  private static final class Reader implements Flow.Subscriber<Token> {
    final List<Integer> ids = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    int completions;
    Flow.@Nullable Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
    }

    @Override
    public void onNext(Token token) {
      ids.add(token.id());
    }

    @Override
    public void onError(Throwable error) {
      errors.add(error);
    }

    @Override
    public void onComplete() {
      completions++;
    }
  }

  private Reader subscribe(Prompt prompt, Executor executor) {
    Reader reader = new Reader();
    tuner.publisher(prompt, FIVE, executor).subscribe(reader);
    return reader;
  }

  private void request(Reader reader, long count) {
    requireNonNull(reader.subscription).request(count);
    runTasks();
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Test
  void tokensComeAsTheyAreRequested() {
    List<Integer> expected = tuner.generate(PROMPT, FIVE).tokenIds();
    int before = base.passes().size();
    Reader reader = subscribe(PROMPT, tasks::add);
    runTasks();
    assertThat(base.passes()).as("nothing is decoded unasked").hasSize(before);
    request(reader, 2);
    assertThat(reader.ids).isEqualTo(expected.subList(0, 2));
    assertThat(reader.completions).isZero();
    request(reader, 10);
    assertThat(reader.ids).isEqualTo(expected);
    assertThat(reader.completions).isOne();
    request(reader, 10);
    assertThat(reader.completions).isOne();
    assertThat(reader.errors).isEmpty();
    fixture.assertNothingOpen();
  }

  @Test
  void eachSubscriberHasATextOfItsOwn() {
    Flow.Publisher<Token> publisher = tuner.publisher(PROMPT, FIVE, tasks::add);
    Reader one = new Reader();
    Reader two = new Reader();
    publisher.subscribe(one);
    publisher.subscribe(two);
    request(one, 3);
    request(two, Long.MAX_VALUE);
    request(one, Long.MAX_VALUE);
    assertThat(one.ids).hasSize(5).isEqualTo(two.ids);
    fixture.assertNothingOpen();
  }

  @Test
  void cancellingEndsTheText() {
    Reader reader = subscribe(PROMPT, tasks::add);
    request(reader, 2);
    requireNonNull(reader.subscription).cancel();
    runTasks();
    fixture.assertNothingOpen();
    request(reader, 2);
    assertThat(reader.ids).hasSize(2);
    assertThat(reader.completions).isZero();
    assertThat(reader.errors).isEmpty();
  }

  @Test
  void whatIsRefusedIsToldToTheSubscriber() {
    Prompt tooLong = Prompt.ofIds(IntStream.range(0, 200).map(i -> 5).toArray());
    Reader reader = subscribe(tooLong, tasks::add);
    runTasks();
    assertThat(reader.errors).hasOnlyElementsOfType(ContextLengthException.class).hasSize(1);
    Reader wrong = subscribe(PROMPT, tasks::add);
    request(wrong, 0);
    assertThat(wrong.errors).hasOnlyElementsOfType(IllegalArgumentException.class).hasSize(1);
    Reader rejected =
        subscribe(
            PROMPT,
            task -> {
              throw new RejectedExecutionException("full");
            });
    assertThat(rejected.errors).hasOnlyElementsOfType(RejectedExecutionException.class).hasSize(1);
    fixture.assertNothingOpen();
  }

  @Test
  void aFailingModelIsToldToTheSubscriber() {
    Reader reader = subscribe(PROMPT, tasks::add);
    request(reader, 1);
    base.beforePass(
        pass -> {
          throw new IllegalCallerException("broken");
        });
    request(reader, 5);
    assertThat(reader.errors).hasOnlyElementsOfType(IllegalCallerException.class).hasSize(1);
    assertThat(reader.ids).hasSize(1);
    fixture.assertNothingOpen();
  }
}
