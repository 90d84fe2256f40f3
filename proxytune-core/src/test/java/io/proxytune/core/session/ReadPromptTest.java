package io.proxytune.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is left of a prompt to others that wait for it, where windows slide. */
class ReadPromptTest {
  private static final int CHUNK = 512;
  private static final int[] PROMPT = new Random(1).ints(900, 2, 40).toArray();

  private final FakeModel model =
      FakeModel.hashed("model", 1, 40, 1000).withBytesPerToken(1).holdingLast(64);
  private final PrefixCache cache = new PrefixCache(2_000, CHUNK);
  private final ReadPrompt reading = new ReadPrompt(model, cache, PROMPT);
  private final LogitSession session = model.newSession(PROMPT.length);

  @AfterEach
  void nothingStaysOpen() {
    session.close();
    cache.close();
    assertThat(model.open()).isZero();
  }

  /** Other ids behind the first of the prompt. */
  private static int[] alike(int tokens) {
    int[] other = Arrays.copyOf(PROMPT, tokens + 100);
    Arrays.fill(other, tokens, other.length, 1);
    return other;
  }

  private void pass() {
    int end = Math.min(PROMPT.length, session.position() + CHUNK);
    int[] chunk = Arrays.copyOfRange(PROMPT, session.position(), end);
    model.forward(List.of(new Segment(session, chunk, Rows.NONE))).close();
    reading.offer(session);
  }

  @Test
  void allThatWaitForWhatAPassReadsGetTheirOwn() {
    assertThat(reading.awaitedBy(alike(140))).isTrue();
    assertThat(reading.awaitedBy(alike(400))).isTrue();
    pass();

    assertThat(cache.wants(model, Arrays.copyOf(PROMPT, 128))).isFalse();
    assertThat(cache.wants(model, Arrays.copyOf(PROMPT, 384))).isFalse();
    assertThat(cache.stats().entries()).isEqualTo(2);
    assertThat(reading.awaitedBy(alike(400))).isFalse();
  }

  @Test
  void oneCopyIsEnoughWhereWindowsDoNotSlide() {
    model.holdingLast(Integer.MAX_VALUE);
    assertThat(reading.awaitedBy(alike(140))).isTrue();
    assertThat(reading.awaitedBy(alike(400))).isTrue();
    pass();

    assertThat(cache.stats().entries()).isEqualTo(1);
    assertThat(cache.wants(model, Arrays.copyOf(PROMPT, 384))).isFalse();
  }

  @Test
  void whatIsLargerThanAllRoomIsNotCopied() {
    model.withBytesPerToken(3);
    pass();
    pass();
    assertThat(model.sessionsMade()).as("the one that reads").isEqualTo(1);
  }

  @Test
  void whatWasLeftBehindBeforeAnyoneWaitedIsNotKept() {
    pass();
    assertThat(reading.awaitedBy(alike(140))).isTrue();
    pass();

    assertThat(cache.stats().entries()).as("the end of the prompt alone").isEqualTo(1);
    assertThat(cache.wants(model, Arrays.copyOf(PROMPT, 896))).isFalse();
    assertThat(reading.awaitedBy(alike(140))).as("it reads for itself").isFalse();
  }
}
