package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.model.FunctionLogitSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class EndlessStreamTest {
  @Test
  void aStepIsOnePassAndTheNextTextBeginsOutsideOfIt() {
    List<Integer> lengths = new ArrayList<>(); // of the sequence, at each pass
    FunctionLogitSource model =
        FunctionLogitSource.of(
                "counting",
                3,
                64,
                ids -> {
                  lengths.add(ids.size());
                  return new float[] {0, 0, 1};
                })
            .withEndOfTextIds(Set.of(2));
    try (ProxyTuner tuner = ProxyTuner.builder().base(model).build();
        EndlessStream stream =
            new EndlessStream(tuner, Prompt.ofIds(0, 1), GenerationOptions.defaults(), 2)) {
      assertThat(lengths).containsExactly(2);
      for (int i = 0; i < 2; i++) {
        stream.prepare();
        stream.step();
      }
      assertThat(lengths).containsExactly(2, 3, 4);
      stream.prepare();
      assertThat(lengths).containsExactly(2, 3, 4, 2);
      stream.step();
      assertThat(lengths).containsExactly(2, 3, 4, 2, 3);
    }
  }
}
