package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Token;
import io.proxytune.core.ensemble.FakeModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/** The rules of Reactive Streams, checked by their authors' own tests. */
@Tag("slow")
class TokenPublisherTckTest {
  @Test
  void followsTheRules() {
    TestNG rules = new TestNG(false);
    TestListenerAdapter outcome = new TestListenerAdapter();
    rules.setVerbose(0);
    rules.setTestClasses(new Class<?>[] {Rules.class});
    rules.addListener(outcome);
    rules.run();
    List<String> failures = new ArrayList<>();
    for (ITestResult failed : outcome.getFailedTests()) {
      failures.add(failed.getName() + ": " + failed.getThrowable());
    }
    assertThat(failures).isEmpty();
    assertThat(outcome.getConfigurationFailures()).isEmpty();
    assertThat(outcome.getPassedTests())
        .extracting(ITestResult::getName)
        .filteredOn(name -> name.startsWith("required_"))
        .hasSizeGreaterThanOrEqualTo(20);
  }

  /** What is checked: texts of as many tokens as a rule asks for. */
  public static final class Rules extends FlowPublisherVerification<Token> {
    private static final ExecutorService THREADS =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task);
              thread.setDaemon(true);
              return thread;
            });

    private final DefaultProxyTuner tuner =
        new TunerFixture().tuner(FakeModel.withoutTokenizer("base", 1));

    /** For TestNG. */
    public Rules() {
      super(new TestEnvironment(250, 50));
    }

    @Override
    public Flow.Publisher<Token> createFlowPublisher(long elements) {
      GenerationOptions options =
          GenerationOptions.defaults()
              .withIgnoreEndOfText(true)
              .withMaxNewTokens((int) Math.max(1, Math.min(elements, maxElementsFromPublisher())));
      return tuner.publisher(Prompt.ofIds(1, 2), options, THREADS);
    }

    @Override
    public Flow.Publisher<Token> createFailedFlowPublisher() {
      return tuner.publisher(Prompt.ofIds(1_000_000), GenerationOptions.defaults(), THREADS);
    }

    /** Not for TestNG: no text is without a token. */
    @Override
    public void optional_spec105_emptyStreamMustTerminateBySignallingOnComplete() {}

    @Override
    public long maxElementsFromPublisher() {
      return 60; // what the context of the model has room for
    }
  }
}
