package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Candidates;
import io.proxytune.core.sampling.Filters;
import io.proxytune.core.sampling.RowChecks;
import io.proxytune.core.sampling.Scale;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the filters keep of whole rows, against the sorted definition, id by id. */
@Tag("slow")
class DeviceRowTest {
  private static final int[] WIDTHS = {1, 2, 7, 33, 300, 1200, 9001};
  private static final int LARGE = 151_936;

  @ParameterizedTest
  @EnumSource(Rows.class)
  void keepsWhatTheSortedReferenceKeeps(Rows rows) {
    Random random = new Random(rows.name().hashCode());
    for (int width : WIDTHS) {
      for (StandardSampler sampler : samplers(random, width)) {
        assertKeepsTheSame(rows.make(width, random), sampler);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Rows.class)
  void keepsTheSameOfALargeVocabulary(Rows rows) {
    Random random = new Random(rows.name().hashCode());
    float[] row = rows.make(LARGE, random);
    for (StandardSampler sampler : samplers(random, LARGE)) {
      assertKeepsTheSame(row, sampler);
    }
  }

  private static List<StandardSampler> samplers(Random random, int width) {
    List<StandardSampler> samplers = new ArrayList<>();
    for (double p : new double[] {1e-12, 0.1, 0.5, 0.9, 0.999, 1 - 1e-12}) {
      samplers.add(Sampler.topP(p).withTemperature(0.5 + random.nextDouble()));
    }
    for (int k : new int[] {1, width / 3 + 1, width, 2 * width}) {
      samplers.add(Sampler.topK(k));
    }
    samplers.add(Sampler.minP(1e-3));
    samplers.add(Sampler.minP(1));
    samplers.add(Sampler.topP(0.9).withTemperature(1e-300));
    samplers.add(Sampler.topP(0.9).withTemperature(1e300));
    samplers.add(Sampler.typicalP(0.3));
    samplers.add(Sampler.typicalP(0.95).withTemperature(0.7));
    samplers.add(new StandardSampler(1.3, width / 2 + 1, 0.8, 0.01, 1));
    return samplers;
  }

  private static void assertKeepsTheSame(float[] row, StandardSampler sampler) {
    assertThat(kept(row, sampler))
        .as("%s of %s ids", sampler, row.length)
        .isEqualTo(expected(row, sampler));
  }

  private static int[] expected(float[] row, StandardSampler sampler) {
    Candidates kept =
        Filters.apply(
            Candidates.ofRow(row, new Scale(RowChecks.largest(row), sampler.temperature())),
            sampler);
    return IntStream.range(0, kept.size()).map(kept::id).sorted().toArray();
  }

  private static int[] kept(float[] row, StandardSampler sampler) {
    int[] all = IntStream.range(0, row.length).toArray();
    try (TorchScope scope = TorchScope.open()) {
      Tensor logits = HeapTensors.upload(Logits.of(row.length, row)).select(0, 0);
      DeviceRow whole =
          new DeviceRow(logits, new Scale(RowChecks.largest(row), sampler.temperature()));
      float[] filtered = HeapTensors.floats(whole.filtered(sampler).at(all));
      return Arrays.stream(all).filter(id -> filtered[id] > Float.NEGATIVE_INFINITY).toArray();
    }
  }
}
