package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class EndurancePartTest {
  private static final long MIB = 1 << 20;

  private static EndurancePart part(LongFunction<EnduranceSample> sample) {
    List<EnduranceSample> samples = LongStream.range(0, 12).mapToObj(sample).toList();
    return EndurancePart.of("something", samples);
  }

  @Test
  void whatGoesUpAndDownIsFlat() {
    EndurancePart part =
        part(i -> new EnduranceSample((300 + i % 3) * MIB, 8 * MIB, 10 + i % 2, 20 - i % 2, 50));
    assertThat(part.isFlat()).isTrue();
    assertThat(part.line())
        .startsWith("| something | 0 | 0 | 301 → 302 (≤ 302) | 8 → 8 (≤ 8) | ")
        .contains("| 50 → 50 (≤ 50) | yes |");
  }

  @Test
  void whateverGrowsIsSeen() {
    assertThat(part(i -> new EnduranceSample((300 + 3 * i) * MIB, MIB, 1, 1, 1)).isFlat())
        .isFalse();
    assertThat(part(i -> new EnduranceSample(MIB, (8 + 3 * i) * MIB, 1, 1, 1)).isFlat()).isFalse();
    assertThat(part(i -> new EnduranceSample(MIB, MIB, i, 1, 1)).isFlat()).isFalse();
    assertThat(part(i -> new EnduranceSample(MIB, MIB, 1, i, 1)).isFlat()).isFalse();
    assertThat(part(i -> new EnduranceSample(MIB, MIB, 1, 1, i)).isFlat()).isFalse();
    assertThat(part(i -> new EnduranceSample(MIB, MIB, 1, 1, i)).line()).contains("**no**");
  }

  @Test
  void workIsDoneUntilItIsEnoughAndSampledMeanwhile() {
    long[] calls = {0};
    EndurancePart part =
        EndurancePart.run(
            "calls",
            20,
            done -> {
              assertThat(done).isEqualTo(2 * calls[0]);
              calls[0]++;
              return 2;
            });
    assertThat(calls[0]).isEqualTo(10);
    assertThat(part.line()).startsWith("| calls | 20 | ").doesNotContain("| 0 → 0 (≤ 0) | yes");
  }
}
