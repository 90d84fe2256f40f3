package io.proxytune.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void textWithoutStopStringPassesAtOnce() {
    StopStrings stops = new StopStrings(List.of("END"));

    assertThat(stops.append("hello")).isEqualTo("hello");
    assertThat(stops.finish()).isEmpty();
    assertThat(stops.stopped()).isFalse();
  }

  @Test
  void noStopStringsHoldNothingBack() {
    assertThat(new StopStrings(List.of()).append("anything")).isEqualTo("anything");
  }

  @Test
  void possibleBeginIsHeldBackAndReleasedWhenItTurnsOutOtherwise() {
    StopStrings stops = new StopStrings(List.of("END"));

    assertThat(stops.append("an E")).isEqualTo("an ");
    assertThat(stops.append("N")).isEmpty();
    assertThat(stops.append("V")).isEqualTo("ENV");
    assertThat(stops.stopped()).isFalse();
  }

  @Test
  void stopStringOverSeveralPiecesEndsTheTextBeforeIt() {
    StopStrings stops = new StopStrings(List.of("END"));

    assertThat(stops.append("the E")).isEqualTo("the ");
    assertThat(stops.append("N")).isEmpty();
    assertThat(stops.append("D and more")).isEmpty();
    assertThat(stops.stopped()).isTrue();
    assertThat(stops.append("more")).isEmpty();
    assertThat(stops.finish()).isEmpty();
  }

  @Test
  void heldBackTextIsReleasedAtTheEnd() {
    StopStrings stops = new StopStrings(List.of("END"));
    stops.append("x EN");

    assertThat(stops.finish()).isEqualTo("EN");
  }

  @Test
  void restartInsideAPartialMatchIsFound() {
    StopStrings stops = new StopStrings(List.of("aab"));

    assertThat(stops.append("a") + stops.append("a") + stops.append("a") + stops.append("b"))
        .isEqualTo("a");
    assertThat(stops.stopped()).isTrue();
  }

  @Test
  void ofOverlappingStringsTheOneCompleteFirstWins() {
    assertThat(new StopStrings(List.of("abcd", "bc")).append("xabcd")).isEqualTo("xa");
  }

  @Test
  void ofStringsCompleteTogetherTheLongestWins() {
    assertThat(new StopStrings(List.of("c", "bc", "abc")).append("xabc")).isEqualTo("x");
  }

  @Test
  void specialTokensMatchWhereAStopStringNamesThem() {
    StopStrings stops = new StopStrings(List.of("foo</s>bar"));

    assertThat(stops.append("a fo") + stops.append("o")).isEqualTo("a ");
    assertThat(stops.appendSpecial("</s>") + stops.append("ba")).isEmpty();
    assertThat(stops.append("r")).isEmpty();
    assertThat(stops.stopped()).isTrue();
  }

  @Test
  void specialTokensArePassedOverElsewhere() {
    StopStrings stops = new StopStrings(List.of("foobar", "end", "x</s>"));

    assertThat(stops.appendSpecial("<|end|>")).isEmpty();
    assertThat(stops.append("foo") + stops.appendSpecial("</s>")).isEmpty();
    assertThat(stops.append("x") + stops.appendSpecial("<|end|>")).isEqualTo("foo");
    assertThat(stops.stopped()).as("'end' is not in the text").isFalse();
    assertThat(stops.appendSpecial("</s>")).isEmpty();
    assertThat(stops.stopped()).isTrue();
  }

  @Test
  void aSingleSpecialTokenIsLeftToItsIdAndItsSpellingIsText() {
    StopStrings stops = new StopStrings(List.of("</s>"));

    assertThat(stops.append("a") + stops.appendSpecial("</s>")).isEqualTo("a");
    assertThat(stops.stopped()).isFalse();
    assertThat(stops.append("b</s") + stops.append(">")).isEqualTo("b");
    assertThat(stops.stopped()).isTrue();
  }

  /** Special tokens are written as single capitals, so that a naive search can see them. */
  @Tag("slow")
  @Test
  void textWithSpecialTokensGivesWhatANaiveSearchGives() {
    Random random = new Random(8);
    for (int round = 0; round < 20_000; round++) {
      String text = mixedText(random, random.nextInt(12));
      List<String> strings = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        strings.add(mixedText(random, 2 + random.nextInt(3)));
      }
      StopStrings stops = new StopStrings(strings);
      StringBuilder released = new StringBuilder();
      for (String unit : text.split("", 0)) {
        boolean special = unit.matches("[A-Z]");
        released.append(special ? stops.appendSpecial(unit) : stops.append(unit));
      }
      released.append(stops.finish());

      Optional<String> stoppedText = naiveWithSpecials(text, strings);
      assertThat(released)
          .as("text %s, stop strings %s", text, strings)
          .hasToString(stoppedText.orElse(text).replaceAll("[A-Z]", ""));
      assertThat(stops.stopped()).isEqualTo(stoppedText.isPresent());
    }
  }

  private static String mixedText(Random random, int length) {
    StringBuilder text = new StringBuilder();
    random.ints(length, 0, 4).forEach(i -> text.append("abXY".charAt(i)));
    return text.toString();
  }

  /** A stop string, with any special tokens between its units. */
  private static Optional<String> naiveWithSpecials(String text, List<String> strings) {
    List<String> longestFirst =
        strings.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
    for (int end = 1; end <= text.length(); end++) {
      for (String string : longestFirst) {
        Matcher matcher =
            Pattern.compile("(.*)" + String.join("[A-Z]*?", string.split("", 0)))
                .matcher(text.substring(0, end));
        if (matcher.matches()) {
          return Optional.of(matcher.group(1));
        }
      }
    }
    return Optional.empty();
  }

  @Test
  void anySplitGivesWhatANaiveSearchOfTheWholeTextGives() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      String text = randomText(random, random.nextInt(12));
      List<String> strings = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        strings.add(randomText(random, 1 + random.nextInt(4)));
      }
      StopStrings stops = new StopStrings(strings);
      String released = feedInPieces(stops, text, random);

      Optional<String> stoppedText = naive(text, strings);
      assertThat(released)
          .as("text %s, stop strings %s", text, strings)
          .isEqualTo(stoppedText.orElse(text));
      assertThat(stops.stopped()).isEqualTo(stoppedText.isPresent());
    }
  }

  private static String feedInPieces(StopStrings stops, String text, Random random) {
    StringBuilder released = new StringBuilder();
    for (int at = 0; at < text.length(); ) {
      int end = Math.min(text.length(), at + random.nextInt(4));
      released.append(stops.append(text.substring(at, end)));
      at = end;
    }
    return released.append(stops.finish()).toString();
  }

  /** The text before the stop string that ends first, and of those the one that begins first. */
  private static Optional<String> naive(String text, List<String> strings) {
    for (int end = 1; end <= text.length(); end++) {
      for (int start = 0; start < end; start++) {
        if (strings.contains(text.substring(start, end))) {
          return Optional.of(text.substring(0, start));
        }
      }
    }
    return Optional.empty();
  }

  private static String randomText(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(3)));
    }
    return text.toString();
  }
}
