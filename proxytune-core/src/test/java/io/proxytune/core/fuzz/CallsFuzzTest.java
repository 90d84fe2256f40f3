package io.proxytune.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.proxytune.core.calls.CallOutcome;
import io.proxytune.core.calls.RandomCalls;
import org.junit.jupiter.api.Tag;

/** Calls of several threads on objects that they share; each call counts as an input. */
@Tag("fuzz")
class CallsFuzzTest {
  /** So many that what begins and ends with each input is little beside them. */
  static final int CALLS_OF_A_THREAD = 400;

  @FuzzTest
  void calls(FuzzedDataProvider data) {
    CallOutcome outcome = RandomCalls.run(data.consumeLong(), CALLS_OF_A_THREAD);
    assertThat(outcome.violations()).isEmpty();
    FuzzTally.add(outcome.counts());
  }
}
