package io.proxytune.core.tuner;

import static io.proxytune.core.tuner.HeldRequests.OPTIONS;
import static io.proxytune.core.tuner.HeldRequests.get;
import static io.proxytune.core.tuner.HeldRequests.mostTogether;
import static io.proxytune.core.tuner.HeldRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Batching;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.core.ensemble.FakeModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Speculation of requests of several threads. */
@Timeout(60)
class TogetherDraftsTest {
  private final HeldRequests requests = new HeldRequests();
  private final TunerFixture fixture = requests.fixture;

  @AfterEach
  void nothingStaysOpen() {
    requests.assertNothingOpen();
  }

  @Test
  void speculationGoesOnForEachRequest() throws Exception {
    FakeModel markov = RandomRequests.markov("base", 1, 100).sharingPasses();
    FakeModel expert = RandomRequests.markov("expert", 2, 100).sharingPasses();
    FakeModel antiExpert = RandomRequests.markov("anti", 1, 100).sharingPasses();
    DefaultProxyTuner tuner = fixture.tuner(markov, ExpertPair.of(expert, antiExpert));
    GenerationOptions options = OPTIONS.withMaxNewTokens(24);
    GenerationOptions drafting = options.withSpeculation(Speculation.draft(3));
    List<Generation> alone = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      alone.add(tuner.generate(prompt(i), options));
    }
    requests.hold(markov);
    List<Future<Generation>> together = new ArrayList<>();
    together.add(requests.first(() -> tuner.generate(prompt(0), drafting)));
    for (int i = 1; i < 4; i++) {
      int index = i;
      GenerationOptions own = i == 2 ? options : drafting;
      together.add(requests.beside(tuner, () -> tuner.generate(prompt(index), own)));
    }
    requests.goOn();

    for (int i = 0; i < 4; i++) {
      Generation text = get(together.get(i));
      assertThat(text.tokens()).isEqualTo(alone.get(i).tokens());
      assertThat(text.stats().acceptedTokens() > 0).isEqualTo(i != 2);
    }
  }

  /** Texts of two tuners that share all models, with the clock of a machine where drafts pay. */
  private List<Generation> mixed(GenerationOptions options) throws Exception {
    FakeModel markov = RandomRequests.markov("base", 1, 200).sharingPasses().readingDrafts();
    FakeModel expert = RandomRequests.markov("expert", 2, 200).sharingPasses().readingDrafts();
    FakeModel anti = RandomRequests.markov("anti", 1, 200).sharingPasses().readingDrafts();
    DefaultProxyTuner whole = fixture.tuner(markov, ExpertPair.of(expert, anti));
    DefaultProxyTuner most = fixture.tuner(markov, new ExpertPair(expert, anti, 0.9));
    DefaultProxyTuner other = fixture.tuner(markov, ExpertPair.of(expert, anti));
    List<DefaultProxyTuner> tuners = List.of(whole, most, other, most);
    List<Generation> alone = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      alone.add(tuners.get(i).generate(prompt(i), options.withSpeculation(Speculation.off())));
    }
    expert.beforePass(pass -> fixture.clock.addAndGet(100));
    requests.hold(markov, () -> fixture.clock.addAndGet(10_000));
    List<Future<Generation>> together = new ArrayList<>();
    together.add(requests.first(() -> whole.generate(prompt(0), options)));
    for (int i = 1; i < 4; i++) {
      int index = i;
      together.add(
          requests.beside(whole, () -> tuners.get(index).generate(prompt(index), options)));
    }
    requests.goOn();
    List<Generation> texts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      texts.add(get(together.get(i)));
      assertThat(texts.get(i).tokens()).isEqualTo(alone.get(i).tokens());
    }
    assertThat(mostTogether(markov)).isEqualTo(4);
    return texts;
  }

  @Test
  void automaticSpeculationDraftsForTextsThatAreSteeredOtherwise() throws Exception {
    GenerationOptions options =
        OPTIONS.withMaxNewTokens(100).withSeed(4).withSampler(Sampler.temperature(1));

    assertThat(mixed(options.withSpeculation(Speculation.auto())))
        .allSatisfy(text -> assertThat(text.stats().acceptedTokens()).isGreaterThan(20));
  }

  @Test
  void draftsCountInTheTokensOfAStep() throws Exception {
    fixture.batching(Batching.defaults().withMaxSequences(4).withStepTokens(14));
    List<FakeModel> models = new ArrayList<>();
    for (String name : List.of("base", "expert", "anti")) {
      models.add(RandomRequests.markov(name, 1 + models.size() % 2, 200).sharingPasses());
    }
    DefaultProxyTuner tuner =
        fixture.tuner(models.get(0), ExpertPair.of(models.get(1), models.get(2)));
    List<Prompt> prompts = List.of(prompt(1), prompt(2), prompt(3));
    GenerationOptions options = OPTIONS.withMaxNewTokens(40).withSpeculation(Speculation.draft(9));
    List<Generation> texts = tuner.generateAll(prompts, options);

    assertThat(models.get(0).passes().stream().skip(3))
        .as("three texts, and at most three drafted tokens of each")
        .allSatisfy(
            pass ->
                assertThat(pass.stream().mapToInt(FakeModel.Call::tokens).sum())
                    .isLessThanOrEqualTo(14))
        .anySatisfy(pass -> assertThat(pass).extracting(FakeModel.Call::tokens).contains(4));
    for (int i = 0; i < 3; i++) {
      assertThat(texts.get(i).tokens())
          .isEqualTo(
              tuner.generate(prompts.get(i), options.withSpeculation(Speculation.off())).tokens());
    }
  }
}
