package io.proxytune.core.tuner;

import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.core.ensemble.FakeModel;

/** What tests of streams begin with: a tuner over three fake models, a prompt and eight tokens. */
abstract class FakeTrio {
  static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(8);
  static final Prompt PROMPT = Prompt.ofIds(5, 6);

  final TunerFixture fixture = new TunerFixture();
  final FakeModel base = FakeModel.hashed("base", 1);
  final FakeModel expert = FakeModel.hashed("expert", 2);
  final FakeModel antiExpert = FakeModel.hashed("anti", 3);
  final DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
}
