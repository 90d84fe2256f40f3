package io.proxytune.examples.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WorldTest {
  private final World world = World.of(1);

  @Test
  void nobodyIsTunedAndTestedOn() {
    Set<String> tuned = names(world.tuned());
    Set<String> development = names(world.development());
    Set<String> test = names(world.test());
    assertThat(tuned).hasSize(150).doesNotContainAnyElementsOf(development);
    assertThat(development).hasSize(100).doesNotContainAnyElementsOf(test);
    assertThat(test).hasSize(200).doesNotContainAnyElementsOf(tuned);
  }

  @Test
  void everybodyHasANameOfTheirOwnAndAllFacts() {
    assertThat(names(world.people())).hasSize(500);
    assertThat(world.people()).allSatisfy(it -> assertThat(it.facts()).hasSize(5));
  }

  @Test
  void aSeedGivesOneWorldAndAnotherSeedAnother() {
    assertThat(World.of(1)).isEqualTo(world);
    assertThat(names(World.of(2).test())).isNotEqualTo(names(world.test()));
  }

  @Test
  void aProfileIsTwoPlainSentences() {
    Person person = world.test().get(0);
    assertThat(person.profile())
        .matches(
            "\\w+ \\w+ lives in \\w+ and works as an? \\w+\\. (She|He) was born in the year of the"
                + " \\w+, plays the \\w+ and keeps an? \\w+\\.")
        .contains(person.facts().values());
  }

  @Test
  void articlesSuitTheirNouns() {
    assertThat(English.withArticle("otter")).isEqualTo("an otter");
    assertThat(English.withArticle("goat")).isEqualTo("a goat");
    assertThat(English.list(List.of("a", "b", "c"))).isEqualTo("a, b and c");
    assertThat(English.list(List.of("a"))).isEqualTo("a");
  }

  private static Set<String> names(List<Person> people) {
    return people.stream().map(Person::name).collect(Collectors.toSet());
  }
}
