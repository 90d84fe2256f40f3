package io.proxytune.core.tuner;

import static java.util.Objects.requireNonNull;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitsProcessor;
import io.proxytune.Sampler;
import java.lang.ref.WeakReference;
import java.util.List;

/**
 * A request's own code, held by no more than the stream that runs it: that code may hold the
 * stream, which could not be found to be forgotten if the text held the code.
 */
final class BorrowedCode {
  private BorrowedCode() {}

  /**
   * The same options, which hold the application's sampler and processors weakly.
   *
   * @param options whoever runs the text keeps them
   */
  static GenerationOptions of(GenerationOptions options) {
    List<LogitsProcessor> processors =
        options.processors().stream().map(BorrowedCode::weakProcessor).toList();
    GenerationOptions borrowing =
        processors.isEmpty() ? options : options.withProcessors(processors);
    return options.sampler() instanceof Sampler.Custom custom
        ? borrowing.withSampler(weakSampler(custom))
        : borrowing;
  }

  private static Sampler.Custom weakSampler(Sampler.Custom sampler) {
    WeakReference<Sampler.Custom> reference = new WeakReference<>(sampler);
    return (logits, context) -> present(reference).pick(logits, context);
  }

  private static LogitsProcessor weakProcessor(LogitsProcessor processor) {
    WeakReference<LogitsProcessor> reference = new WeakReference<>(processor);
    return (logits, context) -> present(reference).process(logits, context);
  }

  private static <T> T present(WeakReference<T> reference) {
    return requireNonNull(reference.get(), "code of a stream that is gone");
  }
}
