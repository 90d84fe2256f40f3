package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.sampling.PlanBuilder;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Nothing that LibTorch allocates outlives the call, the logits or the state that it belongs to.
 */
class NativeMemoryTest {
  private static final int WIDTH = 12_000;
  private static final int STEPS = 16_000;
  private static final long SLACK_BYTES =
      256L << 20; // the JVM's heap grows; 768 MB of rows are fused

  private final TorchLogitMath math = new TorchLogitMath();

  @Tag("slow")
  @Test
  void decodingKeepsNoNativeMemory() {
    try (TorchLogits base = random();
        TorchLogits expert = random();
        TorchLogits antiExpert = random()) {
      Offset offset = new Offset(expert, antiExpert, 0.5, IdRange.below(WIDTH - 1));
      decode(base, offset, 500);
      System.gc(); // so that other tests' leftovers do not hide ours
      long pointers = Pointer.totalCount();
      long bytes = Pointer.physicalBytes();
      decode(base, offset, STEPS);
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(pointers);
      assertThat(Pointer.physicalBytes()).isLessThan(bytes + SLACK_BYTES);
    }
  }

  private void decode(TorchLogits base, Offset offset, int steps) {
    List<PlanBuilder> plans =
        List.of(
            PlanBuilder.greedy(),
            PlanBuilder.of(Sampler.topP(0.7).withTemperature(0.3)),
            PlanBuilder.greedy()
                .penalties(new Penalties(1.2, 0.1, 0.1))
                .bias(Map.of(1, 2.0))
                .banned(Set.of(2)),
            PlanBuilder.greedy().processors((row, context) -> row[0] = 1));
    for (PlanBuilder plan : plans) {
      try (SamplerState state = math.newState(plan.build(), new int[] {1, 2, 3})) {
        for (int step = 0; step < steps / plans.size(); step++) {
          try (Logits fused = math.fuse(base, List.of(offset), IdRange.below(WIDTH - 2))) {
            state.append(math.pick(fused, List.of(state))[0]);
          }
        }
      }
    }
  }

  @Test
  void anApplicationsExceptionLeaksNothing() {
    try (TorchLogits logits = random();
        SamplerState state =
            math.newState(
                PlanBuilder.greedy()
                    .processors(
                        (row, context) -> {
                          throw new IllegalStateException("the application's own");
                        })
                    .build(),
                new int[0])) {
      pickQuietly(logits, state);
      System.gc();
      long pointers = Pointer.totalCount();
      for (int i = 0; i < 100; i++) {
        pickQuietly(logits, state);
      }
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(pointers);
    }
  }

  private void pickQuietly(Logits logits, SamplerState state) {
    try {
      math.pick(logits, List.of(state));
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("the application's own");
    }
  }

  private static TorchLogits random() {
    try (TorchScope scope = TorchScope.open()) {
      return new TorchLogits(torch.randn(1, WIDTH));
    }
  }
}
