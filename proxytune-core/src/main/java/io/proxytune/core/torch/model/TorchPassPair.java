package io.proxytune.core.torch.model;

import io.proxytune.core.paired.Outcome;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.PassPairs;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Passes of two models on the CPU, of which one may fail without the other. For one thread. */
final class TorchPassPair {
  /** A pass, and what became of it on whatever thread. */
  private static final class Half {
    final TorchModel model;
    final TorchPass pass;
    private @Nullable Logits logits;
    private @Nullable RuntimeException failure;

    Half(TorchModel model, TorchPass pass) {
      this.model = model;
      this.pass = pass;
    }

    void run() {
      try {
        logits = pass.logits();
      } catch (RuntimeException e) {
        failure = e;
      }
    }

    PendingLogits outcome() {
      return Outcome.of(this::result);
    }

    private Logits result() {
      if (logits != null) {
        return logits;
      }
      RuntimeException cause =
          failure == null ? new IllegalStateException("the pass was not run") : failure;
      throw model.passFailure(ComputeThread.explained(cause));
    }
  }

  private TorchPassPair() {}

  /** {@link TorchModel#forwardBoth}, by what was learnt of pairs with the other model. */
  static List<PendingLogits> run(
      TorchModel first,
      List<Segment> segments,
      TorchModel second,
      List<Segment> others,
      Function<TorchModel, PassPairs> pairs) {
    TorchPass own;
    try {
      own = new TorchPass(first, segments);
    } catch (RuntimeException e) {
      return List.of(failed(e), Outcome.of(() -> second.forward(others)));
    }
    try (TorchPass held = own) {
      TorchPass theirs;
      try {
        theirs = new TorchPass(second, others);
      } catch (RuntimeException e) {
        return List.of(Outcome.of(() -> first.run(own::logits)), failed(e));
      }
      try (TorchPass alsoHeld = theirs) {
        return both(new Half(first, own), new Half(second, theirs), pairs);
      }
    }
  }

  private static PendingLogits failed(RuntimeException e) {
    return Outcome.of(
        () -> {
          throw e;
        });
  }

  private static List<PendingLogits> both(
      Half first, Half second, Function<TorchModel, PassPairs> pairs) {
    int tokens = Math.max(first.pass.tokens(), second.pass.tokens());
    first.model.run(
        () -> {
          pairs.apply(second.model).run(tokens, first::run, second::run);
          return first;
        });
    return List.of(first.outcome(), second.outcome());
  }
}
