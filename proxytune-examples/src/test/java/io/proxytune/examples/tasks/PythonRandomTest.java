package io.proxytune.examples.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What Python 3.11 drew with the same seeds. */
class PythonRandomTest {
  private static List<Integer> upTo(int count) {
    return new ArrayList<>(IntStream.range(0, count).boxed().toList());
  }

  @Test
  void numbersAreThoseOfPython() {
    PythonRandom random = new PythonRandom(42);
    assertThat(IntStream.of(1, 2, 3, 10, 1000, 65536, Integer.MAX_VALUE).map(random::below))
        .containsExactly(0, 0, 2, 4, 250, 29256, 299655412);
  }

  @Test
  void samplesAndShufflesAreThoseOfPython() {
    PythonRandom random = new PythonRandom(42);
    IntStream.of(1, 2, 3, 10, 1000, 65536, Integer.MAX_VALUE).forEach(random::below);
    assertThat(random.sample(Stream.of("abcdefgh".split("", -1)).limit(8).toList(), 3))
        .containsExactly("b", "f", "g");
    assertThat(random.sample(upTo(100), 3)).containsExactly(69, 11, 75);
    assertThat(random.sample(upTo(1000), 20)).startsWith(432, 32, 30, 95, 223, 238).hasSize(20);
    List<Integer> shuffled = upTo(12);
    random.shuffle(shuffled);
    assertThat(shuffled).containsExactly(7, 8, 3, 11, 10, 9, 1, 4, 5, 6, 2, 0);
  }

  @Test
  void manyNumbersPassTheEndOfTheState() {
    PythonRandom random = new PythonRandom(42);
    List<Integer> drawn = IntStream.range(0, 2000).mapToObj(i -> random.below(1000)).toList();
    assertThat(drawn).startsWith(654, 114, 25);
    assertThat(drawn.get(700)).isEqualTo(353);
    assertThat(drawn.get(1999)).isEqualTo(807);
    assertThat(drawn.stream().mapToInt(it -> it).sum()).isEqualTo(1010934);
  }

  @Test
  void zeroIsASeed() {
    PythonRandom random = new PythonRandom(0);
    assertThat(IntStream.range(0, 5).map(i -> random.below(100)))
        .containsExactly(49, 97, 53, 5, 33);
  }
}
