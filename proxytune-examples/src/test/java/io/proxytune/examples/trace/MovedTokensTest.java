package io.proxytune.examples.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class MovedTokensTest {
  private static String entry(int id, double probability) {
    return String.format(
        Locale.ROOT, "{'id':%d,'token':'t%d','logprob':%s}", id, id, Math.log(probability));
  }

  /** One place: the picked token is 1, of probability 0.5 where the base says 0.1. */
  private static JsonNode place() throws Exception {
    String picked = "'id':1,'token':'t1','logprob':" + Math.log(0.5);
    String fused = entry(1, 0.5) + "," + entry(2, 0.3);
    String base = entry(3, 0.6) + "," + entry(1, 0.1);
    String json =
        "[{%s,'top':[%s],'roles':[{'role':'base','logprob':%s,'top':[%s]}]}]"
            .formatted(picked, fused, Math.log(0.1), base);
    return new ObjectMapper().readTree(json.replace('\'', '"'));
  }

  /** Token 2 is at most 0.1 to the base, and token 3 at most 0.3 to all together. */
  @Test
  void whatIsNotListedIsAtMostTheLeastListed() throws Exception {
    MovedTokens moved = new MovedTokens();
    moved.add(place());
    assertThat(moved.raised(9)).extracting(MovedTokens.Moved::token).containsExactly("t1", "t2");
    assertThat(moved.raised(9).get(0).probability()).isCloseTo(0.4, within(1e-12));
    assertThat(moved.raised(9).get(1).probability()).isCloseTo(0.2, within(1e-12));
    assertThat(moved.lowered(9)).extracting(MovedTokens.Moved::token).containsExactly("t3");
    assertThat(moved.lowered(9).get(0).probability()).isCloseTo(0.3, within(1e-12));
  }

  @Test
  void placesAddUpAndTheMostComeFirst() throws Exception {
    MovedTokens moved = new MovedTokens();
    moved.add(place());
    moved.add(place());
    assertThat(moved.places()).isEqualTo(2);
    assertThat(moved.raised(1)).hasSize(1);
    assertThat(moved.raised(1).get(0).places()).isEqualTo(2);
    assertThat(moved.raised(1).get(0).probability()).isCloseTo(0.8, within(1e-12));
  }
}
