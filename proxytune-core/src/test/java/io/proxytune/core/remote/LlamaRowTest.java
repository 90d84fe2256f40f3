package io.proxytune.core.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers as they come, in pieces of any size. */
class LlamaRowTest {
  private static final int WIDTH = 49152;

  private static Row read(String json, int width, int count, int promptTokens, int piece)
      throws IOException {
    JsonBody<Row> body = new JsonBody<>(new LlamaRow(width, count, promptTokens), bytes -> {});
    byte[] bytes = json.getBytes(UTF_8);
    for (int from = 0; from < bytes.length; from += piece) {
      body.take(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + piece)));
    }
    return body.end();
  }

  private static Row read(String entries, int width) throws IOException {
    return read(answer(entries), width, width, 2, 1 << 16);
  }

  private static String answer(String entries) {
    return "{\"completion_probabilities\":[{\"id\":0,\"logprob\":-9,\"top_logprobs\":["
        + entries
        + "]}],\"tokens_evaluated\":2}";
  }

  private static String entry(long id, String logprob) {
    return "{\"id\":" + id + ",\"bytes\":[7],\"logprob\":" + logprob + "}";
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64, 100_000})
  void readsWhatARealServerSaid(int piece) throws IOException {
    Row row = read(Recorded.llama("completion").toString(), WIDTH, 5, 5, piece);
    assertThat(row.count()).isEqualTo(5);
    assertThat(row.values()[7042]).isEqualTo(-0.2588999f);
    assertThat(row.values()[260]).isEqualTo(-2.7645571f);
    assertThat(row.values()[2250]).isEqualTo(-4.6341476f);
    // what was picked, an "a", is not in the list and has no value
    assertThat(IntStream.range(0, WIDTH).filter(id -> !Float.isNaN(row.values()[id])))
        .containsExactly(260, 1315, 2250, 4528, 7042);
  }

  /** Which is why requests make the server pick an "a". */
  @Test
  void aRealServerShowsNothingBesideHalfACharacter() throws IOException {
    assertThatThrownBy(
            () -> read(Recorded.llama("half a character").toString(), WIDTH, 5, 12, 1000))
        .hasMessageContaining("log-probabilities of 0 tokens, expected 5");
    Row row = read(Recorded.llama("half a character, forced").toString(), WIDTH, 5, 12, 1000);
    assertThat(row.values()[10813]).isEqualTo(-0.7659131f);
  }

  @Test
  void theLowestFloatIsAProbabilityOfZero() throws IOException {
    Row row = read(entry(1, "-3.4028234663852886e+38") + "," + entry(0, "0"), 2);
    assertThat(row.values()).containsExactly(0f, Float.NEGATIVE_INFINITY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":0,"logprob":-1},{"id":0,"logprob":-2}   | token id 0 is there twice
          {"id":2,"logprob":-1}                         | token id 2, and the vocabulary ends at 1
          {"id":-1,"logprob":-1}                        | token id -1
          {"id":0,"logprob":0.5}                        | log-probability 0.5 of token id 0 is none
          {"id":0,"logprob":null}                       | log-probability NaN
          {"id":0}                                      | log-probability NaN
          {"logprob":-1}                                | token id -1
          {"id":0,"logprob":-1}                         | log-probabilities of 1 tokens, expected 2
          [[1]],[2]                                     | log-probabilities of 0 tokens, expected 2
          }                                             | it is no JSON
          """)
  void refusesWhatIsNoRow(String entries, String message) {
    assertThatThrownBy(() -> read(entries, 2))
        .isInstanceOf(MalformedAnswerException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesAPromptThatWasCut() {
    String right = entry(0, "-1") + "," + entry(1, "-1");
    assertThatThrownBy(() -> read(answer(right), 2, 2, 3, 100))
        .hasMessageContaining("it read 2 tokens of 3 that were sent");
  }

  @Test
  void anAnswerThatEndsTooSoonMayBeAskedForAgain() {
    String right = answer(entry(0, "-1") + "," + entry(1, "-1"));
    for (int end = 0; end < right.length(); end++) {
      String cut = right.substring(0, end);
      assertThatThrownBy(() -> read(cut, 2, 2, 2, 100))
          .as(cut)
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(MalformedAnswerException.class)
          .hasMessageContaining("ends in the midst of its JSON");
    }
    assertThatThrownBy(() -> read(right + "{}", 2, 2, 2, 100))
        .hasMessageContaining("more follows its JSON value");
  }
}
