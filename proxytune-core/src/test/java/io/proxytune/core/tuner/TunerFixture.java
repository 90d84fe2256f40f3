package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Batching;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.FusionTerm;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationOptions;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.sampling.ReferenceLogitMath;
import io.proxytune.spi.TunerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A tuner over fake models, and the check that nothing stays open. */
public final class TunerFixture {
  final CountingMath math = new CountingMath(new ReferenceLogitMath());
  public final AtomicLong clock = new AtomicLong();
  private final List<FakeModel> models = new ArrayList<>();
  private final TunerSpec.Builder spec = TunerSpec.builder();
  private ThreadSetup setup = ThreadSetup.NONE;

  public TunerFixture prefillChunk(int chunk) {
    spec.prefillChunk(chunk);
    return this;
  }

  TunerFixture asyncRequests(int count) {
    spec.asyncRequests(count);
    return this;
  }

  public TunerFixture fusion(Fusion fusion) {
    for (FusionTerm term : fusion.terms()) {
      models.add((FakeModel) term.source());
      term.against().ifPresent(source -> models.add((FakeModel) source));
    }
    spec.fusion(fusion);
    return this;
  }

  public TunerFixture prefixCache(long bytes) {
    spec.prefixCacheBytes(bytes);
    return this;
  }

  TunerFixture batching(Batching limits) {
    spec.batching(limits);
    return this;
  }

  TunerFixture listener(GenerationListener listener) {
    spec.listener(listener);
    return this;
  }

  TunerFixture setup(ThreadSetup given) {
    setup = given;
    return this;
  }

  public TunerFixture tokenizer(Tokenizer given) {
    spec.tokenizer(given);
    return this;
  }

  public DefaultProxyTuner tuner(FakeModel base, ExpertPair... pairs) {
    models.add(base);
    for (ExpertPair pair : pairs) {
      models.add((FakeModel) pair.expert());
      models.add((FakeModel) pair.antiExpert());
    }
    TunerSpec complete =
        spec.base(base)
            .pairs(List.of(pairs))
            .defaults(GenerationOptions.defaults().withMaxNewTokens(12))
            .build();
    return new DefaultProxyTuner(complete, math, setup, clock::get);
  }

  public void assertNothingOpen() {
    assertThat(math.open()).as("open logits and states of the math").isZero();
    for (FakeModel model : models) {
      assertThat(model.open()).as("open sessions and logits of %s", model.name()).isZero();
    }
  }
}
