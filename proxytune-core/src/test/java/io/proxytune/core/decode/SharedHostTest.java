package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.TunerFixture;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Models that share weights run in one pass, and the text is that of models apart. */
class SharedHostTest {
  private final TunerFixture fixture = new TunerFixture().prefillChunk(4);
  private FakeModel base = FakeModel.hashed("base", 1);
  private FakeModel small = FakeModel.hashed("small", 2);
  private FakeModel expert = FakeModel.hashed("expert", 3);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private Generation generate() {
    Prompt prompt = Prompt.of("abcdefgh").withText(Role.EXPERT, "xyzabcdefghij");
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(6).withLogprobs(0);
    try (DefaultProxyTuner tuner = fixture.tuner(base, new ExpertPair(expert, small, 1))) {
      return tuner.generate(prompt, options);
    }
  }

  private void anew() {
    base = FakeModel.hashed("base", 1);
    small = FakeModel.hashed("small", 2);
    expert = FakeModel.hashed("expert", 3);
  }

  @Test
  void expertAndAntiExpertAreReadTogether() {
    Generation apart = generate();
    int apartPasses = small.passes().size() + expert.passes().size();

    anew();
    expert.beside(small);
    Generation together = generate();

    assertThat(together.tokens()).isEqualTo(apart.tokens());
    assertThat(expert.passes()).isEmpty();
    assertThat(small.passes()).hasSizeLessThan(apartPasses);
    List<List<FakeModel.Call>> passes = small.passes();
    assertThat(passes.subList(passes.size() - 6, passes.size()))
        .as("the end of prefill and five steps")
        .allSatisfy(pass -> assertThat(pass).hasSize(2));
  }

  @Test
  void anAdapterOnTheBaseRunsWithIt() {
    Generation apart = generate();

    anew();
    expert.beside(base);
    assertThat(generate().tokens()).isEqualTo(apart.tokens());
    assertThat(expert.passes()).isEmpty();
    assertThat(base.passes().get(base.passes().size() - 1)).hasSize(2);
  }
}
