package io.proxytune.core.speculation;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.speculation.PromptLookup.Match;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptLookupTest {
  @Test
  void longestMatchWinsOverALaterOne() {
    PromptLookup lookup = new PromptLookup(new int[] {1, 2, 3, 9, 7, 3, 8, 1, 2, 3});

    Match match = lookup.find();
    assertThat(match).isEqualTo(new Match(3, 3));
    assertThat(lookup.continuation(match, 3)).containsExactly(9, 7, 3);
  }

  @Test
  void latestOfEqualMatchesWins() {
    PromptLookup lookup = new PromptLookup(new int[] {1, 2, 5, 1, 2, 6, 1, 2});

    assertThat(lookup.continuation(lookup.find(), 1)).containsExactly(6);
    assertThat(lookup.find().length()).isEqualTo(2);
  }

  @Test
  void repetitionGoesOnBeyondTheEnd() {
    PromptLookup lookup = new PromptLookup(new int[] {4, 5, 4});
    lookup.append(5);

    assertThat(lookup.size()).isEqualTo(4);
    assertThat(lookup.continuation(lookup.find(), 5)).containsExactly(4, 5, 4, 5, 4);
  }

  @Test
  void nothingMatchesInATextOfNewTokens() {
    assertThat(new PromptLookup(new int[] {1, 2, 3}).find().length()).isZero();
    assertThat(new PromptLookup(new int[] {1}).find().length()).isZero();
  }

  @Test
  void matchesAreTheLongestOfAll() {
    Random random = new Random(3);
    for (int run = 0; run < 200; run++) {
      int[] ids = random.ints(1 + random.nextInt(80), 0, 5).toArray();
      PromptLookup lookup = new PromptLookup(new int[0]);
      for (int id : ids) {
        lookup.append(id);
      }
      assertThat(lookup.find().length()).isEqualTo(longest(ids));
    }
  }

  private static int longest(int[] ids) {
    int longest = 0;
    for (int end = 0; end < ids.length - 1; end++) {
      int length = 0;
      while (length < 3 && length <= end && ids[end - length] == ids[ids.length - 1 - length]) {
        length++;
      }
      longest = Math.max(longest, length);
    }
    return longest;
  }
}
