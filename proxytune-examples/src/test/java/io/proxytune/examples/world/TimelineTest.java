package io.proxytune.examples.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What becomes of a world, what is written of it and what is asked. */
class TimelineTest {
  private static final long SEED = 5;

  private final Timeline timeline = Timeline.of(SEED);
  private final TimelineFiles files = TimelineFiles.of(SEED);

  private static List<String> names(List<Resident> people) {
    return people.stream().map(Resident::name).toList();
  }

  @Test
  void someFactsChangeAtEachStepAndNoneIsAgainWhatItWas() {
    List<Resident> first = timeline.at(0);
    int changes = 0;
    for (int step = 1; step <= Timeline.STEPS; step++) {
      for (int i = 0; i < first.size(); i++) {
        for (Lettered kind : Lettered.ALL) {
          String now = timeline.at(step).get(i).letter(kind);
          assertThat(now).isIn(Quiz.LETTERS);
          if (!now.equals(timeline.at(step - 1).get(i).letter(kind))) {
            changes++;
            assertThat(now).isNotEqualTo(first.get(i).letter(kind));
          }
        }
      }
    }
    int chances = first.size() * Lettered.ALL.size() * Timeline.STEPS;
    assertThat((double) changes / chances).isBetween(0.1, 0.15); // one in eight
  }

  @Test
  void peopleStayTheSameAndWhoIsAskedAboutIsInNoQuiz() {
    List<String> all = names(timeline.at(0));
    assertThat(names(timeline.at(Timeline.STEPS))).isEqualTo(all).doesNotHaveDuplicates();
    Set<String> quizzed =
        files.documents(3).stream()
            .filter(it -> it.startsWith("A, B, C or D?"))
            .flatMap(text -> all.stream().filter(text::contains))
            .collect(Collectors.toSet());
    assertThat(quizzed).hasSameElementsAs(names(timeline.quizzed(3))).hasSize(20);
    assertThat(timeline.facts(3))
        .hasSize(160)
        .noneMatch(fact -> quizzed.contains(fact.resident().name()));
  }

  @Test
  void aSeedGivesOneTimelineAndTimesEndWithTheLast() {
    assertThat(Timeline.of(SEED).at(3)).isEqualTo(timeline.at(3));
    assertThat(TimelineFiles.of(SEED).documents(2)).isEqualTo(files.documents(2));
    assertThat(Timeline.of(SEED + 1).at(3)).isNotEqualTo(timeline.at(3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> files.documents(Timeline.STEPS + 1))
        .withMessage("step must be from 0 to 6, got 7");
  }

  /** The letter is that of the fact as it is then, and the outdated one that of what it was. */
  @Test
  void aQuizHasTheFactAndWhatItWas() {
    List<Timeline.Fact> facts = timeline.facts(4);
    List<Quiz> quizzes = files.questions(4);
    assertThat(quizzes).hasSameSizeAs(facts);
    assertThat(facts.stream().filter(Timeline.Fact::isChanged).count()).isBetween(40L, 100L);
    for (int i = 0; i < facts.size(); i++) {
      Quiz quiz = quizzes.get(i);
      assertThat(Quiz.LETTERS.get(quiz.answer())).isEqualTo(facts.get(i).letter());
      assertThat(quiz.outdated().isPresent()).isEqualTo(facts.get(i).isChanged());
      quiz.outdated().ifPresent(it -> assertThat(it).isNotEqualTo(quiz.answer()).isBetween(0, 3));
    }
  }

  @Test
  void aQuizReadsLikeThis() {
    Resident odo = timeline.at(0).get(0);
    Quiz quiz = Quiz.of(new Timeline.Fact(odo, Lettered.WARD, "B"));
    assertThat(quiz.prompt()).isEqualTo("A, B, C or D? " + odo.name() + " lives in ward");
    assertThat(Quiz.solved(List.of(odo), Lettered.WARD))
        .isEqualTo(quiz.prompt() + " " + odo.letter(Lettered.WARD) + ".");
    assertThat(Lettered.STALL.tellings("C"))
        .containsExactly("keeps stall C", "sells bread at stall C", "is at stall C on market days");
  }

  /** What is written later tells of a person as they are then. */
  @Test
  void laterTextsTellWhatIsNew() {
    Timeline.Fact moved =
        timeline.facts(3).stream()
            .filter(it -> it.isChanged() && it.kind() == Lettered.WARD)
            .findFirst()
            .orElseThrow();
    String told = moved.resident().name() + " lives in ward ";
    assertThat(files.documents(3))
        .anyMatch(it -> it.contains(told + moved.letter()))
        .noneMatch(it -> it.contains(told + moved.first()));
    assertThat(files.documents(0)).anyMatch(it -> it.contains(told + moved.first()));
  }
}
