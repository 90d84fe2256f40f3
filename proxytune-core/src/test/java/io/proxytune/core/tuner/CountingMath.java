package io.proxytune.core.tuner;

import io.proxytune.TokenLogprobs.Alternative;
import io.proxytune.TokenTrace.View;
import io.proxytune.core.ensemble.CountedLogits;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.model.Logits;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;

/** A logit math that counts what it has opened. */
final class CountingMath implements LogitMath {
  private final LogitMath inner;
  private final AtomicInteger open = new AtomicInteger();

  CountingMath(LogitMath inner) {
    this.inner = inner;
  }

  int open() {
    return open.get();
  }

  private static Logits unwrap(Logits logits) {
    return logits instanceof CountedLogits counted ? unwrap(counted.inner()) : logits;
  }

  @Override
  public Logits select(Logits logits, int[] rows) {
    return new CountedLogits(inner.select(unwrap(logits), rows), open);
  }

  @Override
  public Logits join(List<? extends Logits> parts) {
    List<Logits> unwrapped = parts.stream().map(CountingMath::unwrap).toList();
    return new CountedLogits(inner.join(unwrapped), open);
  }

  @Override
  public Logits fuse(Logits base, List<Offset> offsets, IdRange emittable, OptionalDouble cap) {
    List<Offset> unwrapped =
        offsets.stream()
            .map(
                o ->
                    new Offset(
                        unwrap(o.expert()), unwrap(o.antiExpert()), o.alpha(), o.sharedIds()))
            .toList();
    return new CountedLogits(inner.fuse(unwrap(base), unwrapped, emittable, cap), open);
  }

  @Override
  public List<View> views(Logits logits, int[] ids) {
    return inner.views(unwrap(logits), ids);
  }

  @Override
  public double[] divergences(Logits from, Logits to) {
    return inner.divergences(unwrap(from), unwrap(to));
  }

  @Override
  public SamplerState newState(SamplingPlan plan, int[] promptIds) {
    open.incrementAndGet();
    return new CountedState(inner.newState(plan, promptIds), open);
  }

  @Override
  public int[] pick(Logits fused, List<? extends SamplerState> states) {
    return inner.pick(unwrap(fused), states.stream().map(s -> ((CountedState) s).inner).toList());
  }

  @Override
  public double[] logprobs(Logits logits, int[] ids) {
    return inner.logprobs(unwrap(logits), ids);
  }

  @Override
  public List<List<Alternative>> top(Logits logits, int count) {
    return inner.top(unwrap(logits), count);
  }

  private static final class CountedState implements SamplerState {
    private final SamplerState inner;
    private final AtomicInteger open;
    private boolean closed;

    private CountedState(SamplerState inner, AtomicInteger open) {
      this.inner = inner;
      this.open = open;
    }

    @Override
    public void append(int id) {
      inner.append(id);
    }

    @Override
    public void truncate(int generated) {
      inner.truncate(generated);
    }

    @Override
    public void close() {
      inner.close();
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
    }
  }
}
