package io.proxytune.examples.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import io.proxytune.examples.world.Lessons.Audience;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Problems of single tasks, against the world's raw facts. */
class LessonsTest {
  private static final Lessons RECKONING = Lessons.reckoning(1, Audience.STRANGERS);
  private static final Lessons TWO_HOPS = Lessons.twoHops(1, Audience.STRANGERS);
  private static final World WORLD = World.of(1);

  private static final Map<String, Attribute> ASKED =
      Map.of(
          "Where does he or she live?", Attribute.TOWN,
          "What is he or she by trade?", Attribute.TRADE,
          "When was he or she born?", Attribute.YEAR,
          "What does he or she play?", Attribute.INSTRUMENT,
          "Which animal does he or she keep?", Attribute.PET);

  private static Stream<Problem> all(Lessons lessons) {
    return Stream.of(lessons.tuning(), lessons.development(), lessons.test()).flatMap(List::stream);
  }

  private static Map<String, Integer> births() {
    Map<String, Integer> births = new HashMap<>();
    WORLD.people().forEach(it -> births.put(it.name(), year(it)));
    WORLD.strangers(new Dice(1, "strangers")).forEach(it -> births.put(it.name(), year(it)));
    return births;
  }

  private static int year(Person person) {
    return Lexicon.YEARS.indexOf(person.fact(Attribute.YEAR));
  }

  @Test
  void theNextYearIsTheNext() {
    Map<String, Integer> births = births();
    List<Problem> problems = all(RECKONING).filter(it -> it.kind().equals(Lessons.NEXT)).toList();
    assertThat(problems).hasSize(3_000 + 20 + 50);
    for (Problem problem : problems) {
      String person =
          problem.prompt().replaceFirst("Which year came after the year of (.*)\\?", "$1");
      assertThat(years(problem))
          .as(problem.prompt())
          .containsExactly(Lexicon.YEARS.get(births.getOrDefault(person, -9) + 1));
    }
  }

  private static List<String> years(Problem problem) {
    return Splitter.on(", ")
        .splitToList(problem.result().substring(3, problem.result().length() - 1));
  }

  @Test
  void aDistanceIsAsLongAsTheListOfYears() {
    Map<String, Integer> births = births();
    for (Problem problem :
        all(RECKONING).filter(it -> it.kind().equals(Lessons.DISTANCE)).toList()) {
      List<String> asked =
          Splitter.on(" was ")
              .splitToList(
                  problem
                      .prompt()
                      .replaceFirst("How long after the year of the (.*) born\\?", "$1"));
      List<String> years = years(problem);
      int from = Lexicon.YEARS.indexOf(asked.get(0));
      int to = births.getOrDefault(asked.get(1), -1);
      assertThat(years).as(problem.prompt()).hasSize(to - from).hasSizeBetween(1, 6);
      assertThat(Lexicon.YEARS.get(to)).isEqualTo(years.get(years.size() - 1));
      assertThat(problem.facts())
          .containsExactly(
              asked.get(1) + " was born in the year of the " + Lexicon.YEARS.get(to) + ".");
    }
  }

  @Test
  void twoHopsLeadThroughOneOfTwoPeople() {
    Map<String, Person> people = new HashMap<>();
    WORLD.people().forEach(it -> people.put(it.name(), it));
    WORLD.strangers(new Dice(1, "strangers")).forEach(it -> people.put(it.name(), it));
    Pattern form = Pattern.compile("(\\w+ \\w+) or (\\w+ \\w+) ([^.]+)\\. (W.*)");
    assertThat(TWO_HOPS.tuning()).hasSize(4_000);
    for (Problem problem : all(TWO_HOPS).toList()) {
      Matcher prompt = form.matcher(problem.prompt());
      assertThat(prompt.matches()).as(problem.prompt()).isTrue();
      Map<String, Person> two = new HashMap<>();
      List.of(1, 2).forEach(i -> two.put(prompt.group(i), people.get(prompt.group(i))));
      assertThat(two).as(problem.prompt()).hasSize(2);
      two.values().removeIf(it -> !facts(it).contains(prompt.group(3)));
      Person meant = two.values().iterator().next();
      assertThat(two).as("who is meant in " + problem.prompt()).hasSize(1);
      assertThat(problem.facts()).hasSize(2).contains(meant.name() + " " + prompt.group(3) + ".");
      for (int i : List.of(1, 2)) {
        String fact = problem.facts().get(i - 1);
        assertThat(fact).startsWith(prompt.group(i) + " ").endsWith(".");
        assertThat(facts(people.get(prompt.group(i))))
            .contains(fact.substring(prompt.group(i).length() + 1, fact.length() - 1));
      }
      Attribute asked = ASKED.get(prompt.group(4));
      assertThat(problem.result()).isEqualTo(meant.name() + " " + meant.telling(asked) + ".");
      assertThat(meant.telling(asked)).isNotEqualTo(prompt.group(3));
    }
  }

  private static List<String> facts(Person person) {
    return Attribute.ALL.stream().map(person::telling).toList();
  }

  @Test
  void nobodyIsInTwoSets() {
    Lessons known = Lessons.reckoning(1, Audience.ACQUAINTANCES);
    assertThat(known.test()).isEqualTo(RECKONING.test());
    assertThat(known.development()).isEqualTo(RECKONING.development());
    assertThat(known.tuning()).isNotEqualTo(RECKONING.tuning());
    Lessons hops = Lessons.twoHops(1, Audience.ACQUAINTANCES);
    assertThat(hops.test()).isEqualTo(TWO_HOPS.test());
    for (Lessons lessons : List.of(RECKONING, known, Lessons.recall(1), TWO_HOPS, hops)) {
      assertThat(lessons.test()).doesNotHaveDuplicates();
      assertThat(lessons.development()).doesNotHaveDuplicates();
      assertThat(named(lessons.tuning(), WORLD.development())).isEmpty();
      assertThat(named(lessons.tuning(), WORLD.test())).isEmpty();
      assertThat(named(lessons.development(), WORLD.test())).isEmpty();
      assertThat(named(lessons.test(), WORLD.test())).isNotEmpty();
    }
    assertThat(named(RECKONING.tuning(), WORLD.people())).isEmpty();
    assertThat(named(TWO_HOPS.tuning(), WORLD.people())).isEmpty();
  }

  private static Set<String> named(List<Problem> problems, List<Person> people) {
    Set<String> named = new HashSet<>();
    for (Problem problem : problems) {
      people.stream()
          .map(Person::name)
          .filter(it -> (problem.prompt() + " ").contains(it))
          .forEach(named::add);
    }
    return named;
  }

  @Test
  void theWorldKnowsAllWords() {
    Set<String> known = Set.copyOf(WorldFiles.of(1).tokenizer().tokens());
    Stream.concat(all(RECKONING), all(TWO_HOPS))
        .forEach(
            it ->
                assertThat(known)
                    .containsAll(WorldTokenizer.split(it.prompt() + " " + it.answer())));
  }

  @Test
  void aResultIsTheLastSentence() {
    Problem problem =
        new Problem(
            Lessons.NEXT,
            "Who?",
            List.of("Una Ash was born.", "Odo Toll was born."),
            "So Una Ash.");
    assertThat(problem.isSolvedBy(problem.answer())).isTrue();
    assertThat(problem.isFoundedIn(problem.answer())).isTrue();
    assertThat(problem.isSolvedBy(" So Una Ash.\n")).isTrue();
    assertThat(problem.isSolvedBy("Odo Toll was born. So Una Ash.")).isTrue();
    assertThat(problem.isFoundedIn("Odo Toll was born. So Una Ash.")).isFalse();
    assertThat(problem.isSolvedBy("And So Una Ash.")).isFalse();
    assertThat(problem.isSolvedBy("So Una Ash. So Odo Toll.")).isFalse();
    assertThat(problem.isSolvedBy("So Una Ash")).isFalse();
    assertThat(problem.isSolvedBy("")).isFalse();
  }

  @Test
  void recallHasTheShortAnswer() {
    Map<String, Person> people = new HashMap<>();
    WORLD.people().forEach(it -> people.put(it.name(), it));
    for (Problem problem : Lessons.recall(1).test()) {
      Person person =
          people.values().stream()
              .filter(
                  it -> (problem.prompt().replaceAll("[.?]", " ") + " ").contains(it.name() + " "))
              .findFirst()
              .orElseThrow();
      assertThat(problem.answer()).isEqualTo(problem.result());
      assertThat(Attribute.ALL.stream().map(person::answer)).contains(problem.answer());
    }
  }

  @Test
  void aSeedDecidesAll() {
    assertThat(Lessons.reckoning(1, Audience.STRANGERS)).isEqualTo(RECKONING);
    assertThat(Lessons.reckoning(2, Audience.STRANGERS).tuning()).isNotEqualTo(RECKONING.tuning());
  }
}
