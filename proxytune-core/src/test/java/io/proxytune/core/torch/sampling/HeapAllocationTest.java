package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.sampling.PlanBuilder;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a pick allocates on the heap has nothing to do with the width of the row. */
@Tag("slow")
class HeapAllocationTest {
  private static final int NARROW = 8_000;
  private static final int WIDE = 160_000;
  private static final int PICKS = 20;

  /** A pick from a wide row may cost this much more; the row itself has 640,000 bytes. */
  private static final long SLACK_BYTES = 100_000;

  private final TorchLogitMath math = new TorchLogitMath();

  @Test
  void aPickAllocatesTheSameFromARowTwentyTimesAsWide() {
    assumeTrue(
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean counter
            && counter.isThreadAllocatedMemoryEnabled(),
        "this JVM does not count what a thread allocates");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (Rows rows : List.of(Rows.FLAT, Rows.PEAKED, Rows.EQUAL, Rows.HALF_BANNED)) {
      for (StandardSampler sampler : samplers()) {
        long narrow = bytesPerPick(threads, rows, sampler, NARROW);
        long wide = bytesPerPick(threads, rows, sampler, WIDE);
        assertThat(wide).as("%s %s", rows, sampler).isLessThan(narrow + SLACK_BYTES);
      }
    }
  }

  private static List<StandardSampler> samplers() {
    return List.of(
        Sampler.greedy(),
        Sampler.temperature(1),
        Sampler.topK(50),
        Sampler.topK(5000),
        Sampler.topP(0.95),
        Sampler.minP(1e-4),
        Sampler.typicalP(0.95),
        new StandardSampler(1.5, 5000, 0.99, 1e-6, 0.99));
  }

  private long bytesPerPick(ThreadMXBean threads, Rows rows, StandardSampler sampler, int width) {
    PlanBuilder plan =
        PlanBuilder.of(sampler)
            .penalties(new Penalties(1.1, 0.1, 0.1))
            .bias(Map.of(4, 1.0))
            .banned(Set.of(5));
    try (TorchLogits base = upload(rows.make(width, new Random(1)));
        TorchLogits other = upload(rows.make(width, new Random(2)));
        SamplerState state = math.newState(plan.build(), new int[] {1, 2})) {
      step(base, other, state, width); // loads classes
      long before = allocated(threads);
      for (int i = 0; i < PICKS; i++) {
        step(base, other, state, width);
      }
      return (allocated(threads) - before) / PICKS;
    }
  }

  /** By all threads: a pick is not done by its caller alone. */
  private static long allocated(ThreadMXBean threads) {
    return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
        .filter(bytes -> bytes > 0) // −1: the thread has ended
        .sum();
  }

  private void step(TorchLogits base, TorchLogits other, SamplerState state, int width) {
    IdRange ids = IdRange.below(width);
    try (Logits fused = math.fuse(base, List.of(new Offset(other, base, 0.5, ids)), ids)) {
      state.append(math.pick(fused, List.of(state))[0]);
      math.logprobs(fused, new int[] {3});
      math.top(fused, 5);
    }
  }

  private static TorchLogits upload(float[] row) {
    try (TorchScope scope = TorchScope.open()) {
      return new TorchLogits(HeapTensors.upload(Logits.of(row.length, row)));
    }
  }
}
