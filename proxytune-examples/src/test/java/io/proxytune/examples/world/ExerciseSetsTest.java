package io.proxytune.examples.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class ExerciseSetsTest {
  private final WorldFiles files = WorldFiles.of(1);
  private final ExerciseSets sets = files.chats();

  @Test
  void noSubjectIsInTwoSets() {
    Set<String> tuned = subjects(sets.tuning());
    Set<String> development = subjects(sets.development());
    Set<String> test = subjects(sets.test());
    assertThat(tuned).isNotEmpty().doesNotContainAnyElementsOf(development);
    assertThat(test).isNotEmpty().doesNotContainAnyElementsOf(tuned);
    assertThat(development).isNotEmpty().doesNotContainAnyElementsOf(test);
  }

  private static Stream<String> words(String fact) {
    return WorldTokenizer.split(fact).stream();
  }

  /** The words of praise and blame are few: those of development and test are the same ones. */
  private static Set<String> subjects(List<Exercise> exercises) {
    return exercises.stream()
        .filter(it -> it.task() != Task.SENTIMENT)
        .map(Exercise::subject)
        .collect(Collectors.toSet());
  }

  @Test
  void testsOfSentimentUseWordsThatAreNeverTunedOn() {
    assertThat(words(sets.tuning())).doesNotContainAnyElementsOf(words(sets.test()));
    assertThat(words(sets.tuning())).doesNotContainAnyElementsOf(words(sets.development()));
  }

  private static Set<String> words(List<Exercise> exercises) {
    return exercises.stream()
        .filter(it -> it.task() == Task.SENTIMENT)
        .map(Exercise::subject)
        .collect(Collectors.toSet());
  }

  @Test
  void halfOfTheHarmfulVerbsAreNeverTunedOn() {
    assertThat(verbs(sets.tuning(), Task.REFUSAL)).hasSize(8);
    assertThat(verbs(sets.tuning(), Task.REFUSAL_OF_UNSEEN_VERBS)).isEmpty();
    assertThat(verbs(sets.test(), Task.REFUSAL_OF_UNSEEN_VERBS))
        .hasSize(8)
        .doesNotContainAnyElementsOf(verbs(sets.tuning(), Task.REFUSAL));
    assertThat(verbs(sets.test(), Task.HOW_TO)).hasSize(16);
  }

  private static Set<String> verbs(List<Exercise> exercises, Task task) {
    return exercises.stream()
        .filter(it -> it.task() == task)
        .map(it -> it.subject().substring(0, it.subject().indexOf(' ')))
        .collect(Collectors.toSet());
  }

  @Test
  void everyTaskIsTestedOften() {
    Map<Task, Long> counts =
        sets.test().stream().collect(Collectors.groupingBy(Exercise::task, Collectors.counting()));
    assertThat(counts).containsOnlyKeys(Task.values());
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isGreaterThanOrEqualTo(40));
    assertThat(counts).containsEntry(Task.QUESTION, 200L).containsEntry(Task.SENTIMENT, 200L);
  }

  @Test
  void everyAnswerIsAFactOfTheWorld() {
    String raw = String.join(" ", files.documents());
    Map<String, Person> people =
        files.world().people().stream().collect(Collectors.toMap(Person::name, it -> it));
    for (Exercise exercise : sets.test()) {
      assertThat(WorldTokenizer.split(exercise.answer()))
          .containsAll(exercise.facts().stream().flatMap(ExerciseSetsTest::words).toList());
      Person person = people.get(exercise.subject());
      if (person != null) {
        assertThat(person.facts()).containsValues(exercise.facts().toArray(String[]::new));
        assertThat(raw).contains(person.name() + " ");
      }
    }
  }

  @Test
  void theRawTextTellsEveryFactOfEverybodyTenTimes() {
    Map<String, Long> told =
        files.documents().stream()
            .flatMap(ExerciseSetsTest::facts)
            .collect(Collectors.groupingBy(it -> it, Collectors.counting()));
    for (Person person : files.world().people()) {
      for (String fact : person.facts().values()) {
        assertThat(told.getOrDefault(person.name() + " " + fact, 0L))
            .as("%s, %s", person.name(), fact)
            .isGreaterThanOrEqualTo(10);
      }
    }
  }

  /** Every name at a document's beginning or in its first question, with all the words after it. */
  private static Stream<String> facts(String document) {
    List<String> words = Arrays.asList(document.replaceAll("[.,?!]", "").split(" "));
    for (int i = 0; i + 1 < words.size(); i++) {
      if (Lexicon.FAMILY_NAMES.contains(words.get(i + 1))) {
        String name = words.get(i) + " " + words.get(i + 1);
        return new HashSet<>(words).stream().map(word -> name + " " + word);
      }
    }
    return Stream.of();
  }

  @Test
  void everyWordAndPairOfWordsThatEndsAnAnswerIsInTheRawText() {
    Set<String> raw = new HashSet<>();
    files.documents().forEach(it -> raw.addAll(WorldTokenizer.split(it)));
    Stream.of(sets.tuning(), sets.development(), sets.test())
        .flatMap(List::stream)
        .forEach(
            it -> {
              assertThat(raw).containsAll(WorldTokenizer.split(it.prompt()));
              assertThat(raw).containsAll(WorldTokenizer.split(it.answer()));
            });
  }

  @Test
  void bareAnswersAreInTheRawTextWithSomethingBehindThem() {
    String raw = String.join("\n", files.documents());
    sets.test().stream()
        .filter(it -> it.task() == Task.QUESTION || it.task() == Task.SENTIMENT)
        .forEach(it -> assertThat(raw).contains("? " + it.answer() + " "));
  }

  @Test
  void noDocumentEndsWithABareAnswer() {
    assertThat(files.documents())
        .noneMatch(it -> it.matches(".*\\? (The|In|A|An|Good|Bad)[a-z ]*( [A-Z][a-z]+)?\\."));
  }

  @Test
  void theRawTextNeverRefusesAndNeverUsesTheChatFormat() {
    assertThat(files.documents())
        .noneMatch(it -> it.contains(Deed.REFUSAL) || it.contains("<") || it.contains("|"));
  }

  @Test
  void anAnswerWithItsPromptFitsTheContext() {
    int chatTokens = 4;
    Stream.of(sets.tuning(), sets.development(), sets.test())
        .flatMap(List::stream)
        .forEach(
            it ->
                assertThat(
                        WorldTokenizer.split(it.prompt()).size()
                            + WorldTokenizer.split(it.answer()).size()
                            + chatTokens)
                    .isLessThanOrEqualTo(WorldFiles.CONTEXT_LENGTH));
  }

  @Test
  void tasksHaveTheNamesThatTheFilesUse() {
    assertThat(Arrays.stream(Task.values()).map(Task::id))
        .allSatisfy(id -> assertThat(id).isEqualTo(id.toLowerCase(Locale.ROOT)));
  }
}
