package io.proxytune.core.retokenizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.tokenizer.SpellsBytes;
import io.proxytune.core.tokenizer.TokenBytes;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Texts of a base that writes bytes are read by models that know characters. */
class HalfCharactersTest {
  private static final int BYTES = 256;
  private static final PieceTokenizer CHARACTERS =
      new PieceTokenizer(List.of("a", "b", "\u00e9", "\u00e8", "\u00e9a", "\u20ac"));

  /** A token for each byte. */
  private static final class ByteTokenizer implements Tokenizer, SpellsBytes {
    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF).toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
      byte[] bytes = new byte[ids.length];
      IntStream.range(0, ids.length).forEach(i -> bytes[i] = (byte) ids[i]);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public TokenBytes tokenBytes() {
      return new TokenBytes() {
        @Override
        public int size() {
          return BYTES;
        }

        @Override
        public byte[] bytes(int id) {
          return new byte[] {(byte) id};
        }
      };
    }

    @Override
    public int vocabularySize() {
      return BYTES;
    }

    @Override
    public Optional<String> token(int id) {
      return Optional.of("<" + id + ">");
    }

    @Override
    public Optional<Integer> id(String token) {
      return Optional.empty();
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public boolean hasChatTemplate() {
      return false;
    }

    @Override
    public String renderChat(
        List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
      throw new UnsupportedOperationException();
    }
  }

  private final Tokenizer bytes = new ByteTokenizer();
  private final RetokenizedModel model =
      RetokenizedModel.pair(
              own(),
              own(),
              bytes,
              FunctionLogitSource.of("base", BYTES, 60, ids -> new float[BYTES]),
              BYTES)
          .get(0);

  private static FunctionLogitSource own() {
    return FunctionLogitSource.of("own", CHARACTERS.width(), 60, HalfCharactersTest::logits)
        .withTokenizer(CHARACTERS)
        .withEndOfTextIds(Set.of(PieceTokenizer.END));
  }

  private static float[] logits(List<Integer> history) {
    return FakeModel.hashedRow(history, 7, CHARACTERS.width());
  }

  private static double weight(List<Integer> history, String piece) {
    return Math.exp(logits(history)[id(piece)]);
  }

  private static int id(String piece) {
    return CHARACTERS.id(piece).orElseThrow();
  }

  private float[] rowAfter(int... text) {
    try (LogitSession session = model.newSession(20)) {
      return run(session, text);
    }
  }

  @Test
  void whatBeginsACharacterIsFollowedByWhatEndsIt() {
    float[] row = rowAfter('a', 0xC3);

    List<Integer> history = List.of(PieceTokenizer.BEGIN, id("a"));
    double acute = weight(history, "\u00e9") + weight(history, "\u00e9a");
    double grave = weight(history, "\u00e8");
    assertThat((double) row[0xA9]).isCloseTo(Math.log(acute / (acute + grave)), within(1e-6));
    assertThat((double) row[0xA8]).isCloseTo(Math.log(grave / (acute + grave)), within(1e-6));
    assertThat(row['a']).isLessThan(-100);
  }

  @Test
  void aWholeCharacterIsATokenOrTheBeginOfALongerOne() {
    float[] row = rowAfter('a', 0xC3, 0xA9);

    List<Integer> before = List.of(PieceTokenizer.BEGIN, id("a"));
    List<Integer> history = new ArrayList<>(before);
    history.add(id("\u00e9"));
    double shorter = weight(before, "\u00e9");
    double longer = weight(before, "\u00e9a");
    double all =
        IntStream.range(0, CHARACTERS.width()).mapToDouble(i -> Math.exp(logits(history)[i])).sum();
    double mass = longer + shorter * weight(history, "a") / all;
    assertThat((double) row['a']).isCloseTo(Math.log(mass / (shorter + longer)), within(1e-6));
  }

  @Test
  void whatIsNoCharacterIsPassedOver() {
    assertThat(rowAfter('a', 0xFF, 0xFE, 'b')).containsExactly(rowAfter('a', 'b'), within(1e-6f));
  }

  @Test
  void tokensOfOneSessionAreTakenBack() {
    try (LogitSession session = model.newSession(20)) {
      run(session, 'a', 0xC3, 0xA9, 'a');
      session.truncate(2);
      float[] row = run(session, 0xA8);

      assertThat(session.position()).isEqualTo(3);
      assertThat(row).containsExactly(rowAfter('a', 0xC3, 0xA8), within(1e-6f));
      try (LogitSession fork = session.fork(1, 9)) {
        assertThat(run(fork, 'b')).containsExactly(rowAfter('a', 'b'), within(1e-6f));
      }
    }
  }

  /** A row a token, as scoring asks for them. */
  @Test
  void allRowsAreThoseOfSteps() {
    int[] text = {'a', 0xC3, 0xA9, 'a', 'b'};
    try (LogitSession session = model.newSession(20);
        Logits rows = model.forward(List.of(new Segment(session, text, Rows.ALL)))) {
      for (int i = 0; i < text.length; i++) {
        int[] start = Arrays.copyOf(text, i + 1);
        assertThat(translated(rows, i)).containsExactly(rowAfter(start), within(1e-6f));
      }
    }
  }

  private float[] run(LogitSession session, int... text) {
    try (Logits rows = model.forward(List.of(new Segment(session, text, Rows.LAST)))) {
      return translated(rows, 0);
    }
  }

  private float[] translated(Logits rows, int index) {
    Logits base = Logits.of(BYTES, new float[BYTES]);
    return new RowTranslator(model)
        .translate(List.of(new RowTranslator.Row(rows, index)), base)
        .logits()
        .row(0);
  }
}
