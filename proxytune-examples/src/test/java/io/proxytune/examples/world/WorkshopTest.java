package io.proxytune.examples.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The language of the workshop and its checker. */
class WorkshopTest {
  private static final Workshop WORKSHOP = Workshop.of(1);

  /** A shabby, dull wooden chair and a dirty metal kettle. */
  private static final Job JOB =
      new Job(
          Workshop.SEEN,
          List.of(
              new Workpiece("chair", Material.WOOD, Set.of(Flaw.SHABBY, Flaw.DULL)),
              new Workpiece("kettle", Material.METAL, Set.of(Flaw.DIRTY))));

  @Test
  void aSpecificationIsText() {
    assertThat(JOB.prompt()).isEqualTo("chair shabby dull, kettle dirty?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mend chair glue, wash chair brush, colour chair varnish, polish kettle vinegar.",
        "scrub kettle vinegar, patch chair glue, dust chair brush, adorn chair varnish.",
      })
  void programsThatMendAllAreRight(String program) {
    assertThat(JOB.problem(program)).isEmpty();
    assertThat(JOB.problem("  " + program + "\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wash kettle vinegar                                      | full stop",
        "''                                                       | full stop",
        ".                                                        | expected a verb",
        "wash kettle vinegar.                                     | undone: chair shabby dull",
        "mend chair glue, wash chair brush, wash kettle vinegar.  | undone: chair dull",
        "mend chair glue, wash kettle vinegar.                    | undone: chair dirty dull",
        "wash kettle brush.                                       | takes vinegar for the kettle",
        "wash kettle.                                             | expected a verb",
        "wash the kettle vinegar.                                 | expected a verb",
        "wash jar sponge.                                         | [chair, kettle], got \"jar\"",
        "colour chair varnish.                                    | the chair is still shabby",
        "mend chair glue, colour chair varnish.                   | statement 2: the chair is"
            + " still",
        "wash chair brush.                                        | the chair is not dirty",
        "cover kettle wax.                                        | the kettle is not tender",
        "sing kettle vinegar.                                     | no verb \"sing\"",
        "burn kettle furnace.                                     | harm to the kettle",
        "wash kettle vinegar, wash kettle vinegar.                | statement 2: the kettle is not",
        "wash kettle vinegar,, mend chair glue.                   | statement 2: expected a verb",
      })
  void otherProgramsAreWrongForAReason(String program, String reason) {
    assertThat(JOB.problem(program)).hasValueSatisfying(it -> assertThat(it).contains(reason));
  }

  @Test
  void textsAreRightProgramsAndNoneIsAskedFor() {
    Set<String> asked = new HashSet<>();
    for (Job job :
        Stream.concat(WORKSHOP.development().stream(), WORKSHOP.test().stream()).toList()) {
      assertThat(asked.add(job.prompt())).isTrue();
    }
    assertThat(WORKSHOP.texts()).hasSize(8_000);
    for (String text : WORKSHOP.texts()) {
      int end = text.indexOf('?') + 1;
      assertThat(asked).doesNotContain(text.substring(0, end));
      assertThat(job(text.substring(0, end)).problem(text.substring(end))).as(text).isEmpty();
    }
  }

  /** Reads a specification again. */
  private static Job job(String text) {
    return new Job(
        Workshop.SEEN,
        Splitter.on(", ")
            .splitToStream(text.substring(0, text.length() - 1))
            .map(WorkshopTest::piece)
            .toList());
  }

  private static Workpiece piece(String text) {
    List<String> words = Splitter.on(' ').splitToList(text);
    Material material =
        Material.ALL.stream()
            .filter(it -> it.things().contains(words.get(0)))
            .findFirst()
            .orElseThrow();
    Set<Flaw> flaws = new HashSet<>();
    words.subList(1, words.size()).forEach(it -> flaws.add(flaw(it)));
    return new Workpiece(words.get(0), material, flaws);
  }

  private static Flaw flaw(String word) {
    return Stream.of(Flaw.values()).filter(it -> it.word().equals(word)).findFirst().orElseThrow();
  }

  @Test
  void someThingsAreInNoText() {
    List<Job> unseen =
        WORKSHOP.test().stream().filter(job -> job.kind().equals(Workshop.UNSEEN)).toList();
    assertThat(unseen).hasSize(20);
    String texts = String.join(" ", WORKSHOP.texts());
    for (Job job : unseen) {
      job.pieces().forEach(it -> assertThat(texts).doesNotContain(" " + it.thing() + " "));
    }
  }

  /** Every word is a token of the family's, so that no specification reads as another. */
  @Test
  void theWorldKnowsAllWords() {
    Set<String> known = Set.copyOf(WorldFiles.of(1).tokenizer().tokens());
    for (String text : WORKSHOP.texts().subList(0, 500)) {
      assertThat(known).containsAll(WorldTokenizer.split(text));
    }
    WORKSHOP.test().forEach(it -> assertThat(known).containsAll(WorldTokenizer.split(it.prompt())));
  }

  @Test
  void aSeedDecidesAll() {
    assertThat(Workshop.of(1).texts()).isEqualTo(WORKSHOP.texts());
    assertThat(Workshop.of(2).texts()).isNotEqualTo(WORKSHOP.texts());
  }
}
