package io.proxytune.examples.diagnosis;

import static io.proxytune.examples.diagnosis.Signature.BOTTLENECK;
import static io.proxytune.examples.diagnosis.Signature.CANDIDATES;
import static io.proxytune.examples.diagnosis.Signature.MISFIT;
import static io.proxytune.examples.diagnosis.Signature.TOO_SMALL;
import static io.proxytune.examples.diagnosis.Signature.TOO_STRONG;
import static io.proxytune.examples.diagnosis.Signature.VOCABULARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.FinishReason;
import io.proxytune.core.vocabulary.VocabularyRelation;
import io.proxytune.core.vocabulary.VocabularyRelation.Kind;
import io.proxytune.examples.diagnosis.Fabricated.Place;
import io.proxytune.examples.report.TextWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is concluded from figures that are known. */
class DiagnosisTest {
  private static Diagnosis of(IntFunction<Place> place) {
    return Fabricated.diagnosis(Fabricated.samples(10, place), Precision.FLOAT32);
  }

  private static Place sometimes(int index, Place place) {
    return index % 5 == 0 ? place : Place.PLAIN;
  }

  private static List<Signature> seen(Diagnosis diagnosis) {
    return diagnosis.seen().stream().map(Finding::signature).toList();
  }

  private static Figure figure(Diagnosis diagnosis, Signature signature, String id) {
    return diagnosis.of(signature).figures().stream()
        .filter(figure -> figure.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  /** A fifth of the tokens is the expert's: three nats for the base, four for the expert. */
  @Test
  void aPairThatDoesWhatItShouldShowsNone() {
    Diagnosis diagnosis = of(index -> sometimes(index, Place.STEERED));
    assertThat(seen(diagnosis)).isEmpty();
    assertThat(diagnosis.tokens()).isEqualTo(200);
    assertThat(figure(diagnosis, TOO_STRONG, "base_fall").value()).isCloseTo(2.9 / 5, within(1e-9));
    assertThat(figure(diagnosis, TOO_STRONG, "expert_gain").value())
        .isCloseTo(3.8 / 5, within(1e-9));
    assertThat(figure(diagnosis, TOO_SMALL, "steered").value()).isEqualTo(0.2);
    assertThat(figure(diagnosis, MISFIT, "expert_probability").value())
        .isCloseTo(Math.exp(-0.2), within(1e-9));
    assertThat(TextWriter.lines(DiagnosisReport.of(diagnosis), 80))
        .anyMatch(line -> line.startsWith("No signature of failure was seen in 10 texts"));
  }

  @Test
  void whatTheBaseLosesBeyondTheExpertsGainIsTooStrong() {
    Place unlikelyToBoth = new Place(2, -0.1, -9, -8, -1, -12);
    assertThat(seen(of(index -> sometimes(index, unlikelyToBoth)))).containsExactly(TOO_STRONG);
    Place unlikelyToTheBase = new Place(2, -0.1, -9, -0.1, -12, -8);
    assertThat(seen(of(index -> sometimes(index, unlikelyToTheBase)))).isEmpty();
  }

  /** One token in twenty, which hardly lowers a mean. */
  @Test
  void whatNoModelWouldSayIsTooStrong() {
    Place implausibleToBoth = new Place(2, -0.1, -3, -3, -0.1, -9);
    Diagnosis diagnosis = of(index -> index == 7 ? implausibleToBoth : Place.PLAIN);
    assertThat(seen(diagnosis)).containsExactly(TOO_STRONG);
    assertThat(figure(diagnosis, TOO_STRONG, "implausible").value()).isEqualTo(0.05);
    Place plausibleToTheExpert = new Place(2, -0.1, -3, -2, -0.1, -9);
    assertThat(seen(of(index -> index == 7 ? plausibleToTheExpert : Place.PLAIN))).isEmpty();
  }

  /** Of four tokens that are wanted in place of the base's, some are no candidates. */
  @ParameterizedTest
  @CsvSource({"2,t,0.5,0,false", "3,t,0.75,0,true", "1,</s>,0.25,1,true"})
  void wantedTokensThatAreNoCandidatesAreSeen(
      int leftOut, String token, double share, double endless, boolean expected) {
    List<Sample> samples = new ArrayList<>();
    for (Sample sample : Fabricated.samples(10, index -> sometimes(index, Place.STEERED))) {
      List<Sample.Wanted> wanted = new ArrayList<>();
      for (int place = 0; place < 20; place++) {
        int picked = place % 5 == 0 ? 2 : Fabricated.CHOICE;
        wanted.add(new Sample.Wanted(picked, "t"));
      }
      for (int i = 0; i < leftOut; i++) {
        wanted.set(5 * i, new Sample.Wanted(3, token)); // in place of what was steered
      }
      samples.add(new Sample(sample.steered(), sample.alone(), wanted));
    }
    Diagnosis diagnosis = Fabricated.diagnosis(samples, Precision.FLOAT32);
    assertThat(seen(diagnosis)).isEqualTo(expected ? List.of(CANDIDATES) : List.of());
    assertThat(figure(diagnosis, CANDIDATES, "left_out").value()).isEqualTo(share);
    assertThat(figure(diagnosis, CANDIDATES, "endless").value()).isEqualTo(endless);
  }

  @Test
  void aTextThatGoesRoundInCirclesIsTooStrong() {
    List<Sample> circling = new ArrayList<>();
    for (Sample sample : Fabricated.samples(10, index -> sometimes(index, Place.STEERED))) {
      circling.add(
          Sample.of(
              Fabricated.text(
                  FinishReason.MAX_NEW_TOKENS,
                  Collections.nCopies(20, 7),
                  sample.steered().tokens()),
              sample.alone()));
    }
    Diagnosis diagnosis = Fabricated.diagnosis(circling, Precision.FLOAT32);
    assertThat(seen(diagnosis)).containsExactly(TOO_STRONG);
    assertThat(figure(diagnosis, TOO_STRONG, "added_repetition").value())
        .isCloseTo(16.0 / 17, within(1e-9));
  }

  @Test
  void whatSteersNothingIsTooSmall() {
    assertThat(seen(of(index -> Place.PLAIN))).containsExactly(TOO_SMALL);
  }

  /** The same offsets of a twentieth of a nat: far above float32's rounding, below bfloat16's. */
  @Test
  void anOffsetBelowItsRoundingIsTooSmall() {
    IntFunction<Place> slight =
        index -> new Place(index % 5 == 0 ? 2 : Fabricated.CHOICE, -0.7, -0.7, -0.7, -0.8, -0.75);
    List<Sample> samples = Fabricated.samples(10, slight);
    assertThat(seen(Fabricated.diagnosis(samples, Precision.FLOAT32))).isEmpty();
    Diagnosis rounded = Fabricated.diagnosis(samples, Precision.BFLOAT16);
    assertThat(seen(rounded)).containsExactly(TOO_SMALL);
    // logits of 8 to 16 have steps of 1/16 in bfloat16
    assertThat(figure(rounded, TOO_SMALL, "noise").value())
        .isCloseTo(Math.sqrt(2.0 / 12) / 16, within(1e-9));
  }

  @Test
  void manyTokensAgainstAConfidentBaseAreAMisfit() {
    IntFunction<Place> often = index -> index % 3 == 0 ? Place.STEERED : Place.PLAIN;
    assertThat(seen(of(often))).containsExactly(MISFIT);
    Place unsure = new Place(2, Math.log(0.39), -3, -0.2, -4, -3);
    assertThat(seen(of(index -> index % 3 == 0 ? unsure : Place.PLAIN))).isEmpty();
  }

  @Test
  void theEndOfATextIsNoMisfit() {
    IntFunction<Place> place = index -> index % 5 == 4 ? Place.STEERED : Place.PLAIN;
    assertThat(
            figure(
                    Fabricated.diagnosis(
                        Fabricated.samples(10, place, FinishReason.END_OF_TEXT), Precision.FLOAT32),
                    MISFIT,
                    "steered_against_confident")
                .value())
        .isEqualTo(0.15);
  }

  @Test
  void withFewTokensNothingIsSaidOfTexts() {
    Diagnosis few =
        Fabricated.diagnosis(Fabricated.samples(4, index -> Place.PLAIN), Precision.FLOAT32);
    assertThat(few.seen()).isEmpty();
    assertThat(few.of(TOO_SMALL).state()).isEqualTo(Finding.State.UNKNOWN);
    assertThat(few.of(TOO_SMALL).advice())
        .containsExactly(
            "There are 80 tokens: give more prompts, or longer texts, until there are 100.");
    assertThat(few.of(BOTTLENECK).state()).isEqualTo(Finding.State.NOT_SEEN);
  }

  @Test
  void tokensThatAPairLacksAreCounted() {
    Place lacking = new Place(2, -0.1, -3, Double.NEGATIVE_INFINITY, -4, -3);
    Diagnosis diagnosis = of(index -> index == 0 ? lacking : sometimes(index, Place.STEERED));
    assertThat(seen(diagnosis)).containsExactly(VOCABULARY);
    assertThat(figure(diagnosis, VOCABULARY, "unsteered").value()).isEqualTo(0.05);
  }

  private static Finding vocabulary(VocabularyFacts.Steering model) {
    VocabularyFacts facts = new VocabularyFacts(List.of(model), Set.of("</s>"));
    return Diagnosis.of(
            Fabricated.samples(10, index -> sometimes(index, Place.STEERED)),
            new Pairs(List.of(1.0), Precision.FLOAT32),
            facts,
            Fabricated.TIMES,
            Thresholds.standard())
        .of(VOCABULARY);
  }

  @Test
  void aVocabularyWithoutMuchOfTheBasesIsInDoubt() {
    Finding finding =
        vocabulary(
            Fabricated.steering("expert", Fabricated.relation(Kind.OVERLAPPING, 100, 95, 90)));
    assertThat(finding.state()).isEqualTo(Finding.State.SEEN);
    assertThat(finding.notes())
        .containsExactly("The expert lacks 10 of the base's tokens, and has 5 of its own.");
  }

  @Test
  void whatIsPaddedOrRenumberedIsSaidAndNoSignature() {
    Finding padded =
        vocabulary(Fabricated.steering("expert", Fabricated.relation(Kind.PADDED, 100, 100, 100)));
    assertThat(padded.state()).isEqualTo(Finding.State.NOT_SEEN);
    assertThat(padded.notes())
        .containsExactly("The expert has the same tokens, and rows of another width.");
    Finding renumbered =
        vocabulary(
            Fabricated.steering(
                "expert",
                new VocabularyRelation(
                    Kind.OTHER_IDS, 100, 100, 100, List.of(3, 4), Optional.empty())));
    assertThat(renumbered.state()).isEqualTo(Finding.State.NOT_SEEN);
    assertThat(renumbered.notes())
        .containsExactly(
            "2 ids mean other tokens to the expert: they are matched by their spelling.");
  }

  @Test
  void textsSplitDifferentlyAndUnknownIdsAreInDoubt() {
    Finding split =
        vocabulary(
            Fabricated.steering(
                "expert",
                new VocabularyRelation(
                    Kind.EQUAL, 100, 100, 100, List.of(), Optional.of("merges"))));
    assertThat(split.state()).isEqualTo(Finding.State.SEEN);
    assertThat(split.notes()).containsExactly("The expert splits texts differently (merges).");
    Finding unknown =
        vocabulary(Fabricated.steering("expert", Fabricated.relation(Kind.UNKNOWN, 100, 0, 0)));
    assertThat(unknown.state()).isEqualTo(Finding.State.SEEN);
  }

  @Test
  void endsAndTemplatesThatDifferAreSaid() {
    Finding other =
        vocabulary(
            new VocabularyFacts.Steering(
                "expert",
                Fabricated.relation(Kind.EQUAL, 100, 100, 100),
                Set.of("<end>"),
                Set.of(),
                true));
    assertThat(other.state()).isEqualTo(Finding.State.NOT_SEEN);
    assertThat(other.notes())
        .containsExactly(
            "The expert ends texts with <end>, the base with </s>; texts end at either.",
            "The expert has a chat template and was given plain prompts: --chat gives it.");
    Finding lacking =
        vocabulary(
            new VocabularyFacts.Steering(
                "expert",
                Fabricated.relation(Kind.EQUAL, 100, 100, 100),
                Set.of("<end>"),
                Set.of("<end>"),
                false));
    assertThat(lacking.state()).isEqualTo(Finding.State.SEEN);
  }

  @Test
  void smallModelsThatTakeMoreThanTheBaseAreABottleneck() {
    StepTimes slow =
        new StepTimes(
            List.of(
                new StepTimes.RoleTime("base", 10),
                new StepTimes.RoleTime("expert", 8),
                new StepTimes.RoleTime("anti-expert", 7)),
            26,
            10);
    Diagnosis diagnosis =
        Diagnosis.of(
            Fabricated.samples(10, index -> sometimes(index, Place.STEERED)),
            new Pairs(List.of(1.0), Precision.FLOAT32),
            Fabricated.VOCABULARY,
            slow,
            Thresholds.standard());
    assertThat(seen(diagnosis)).containsExactly(BOTTLENECK);
    assertThat(figure(diagnosis, BOTTLENECK, "added_share").value()).isCloseTo(0.6, within(1e-9));
    assertThat(figure(diagnosis, BOTTLENECK, "expert_share").value()).isCloseTo(0.32, within(1e-9));
    assertThat(figure(diagnosis, BOTTLENECK, "ratio").value()).isCloseTo(2.6, within(1e-9));
  }

  @Test
  void aThresholdWithinItsIntervalIsSaid() {
    List<Sample> samples = new ArrayList<>(Fabricated.samples(5, index -> Place.PLAIN));
    samples.addAll(Fabricated.samples(5, index -> index % 2 == 0 ? Place.STEERED : Place.PLAIN));
    Diagnosis diagnosis = Fabricated.diagnosis(samples, Precision.FLOAT32);
    Figure against = figure(diagnosis, MISFIT, "steered_against_confident");
    assertThat(against.isBeyond()).isTrue();
    assertThat(against.isClose()).isTrue();
    assertThat(TextWriter.lines(DiagnosisReport.of(diagnosis), 80))
        .anyMatch(line -> line.startsWith("A threshold lies within the interval"));
    Diagnosis one = Fabricated.diagnosis(samples.subList(9, 10), Precision.FLOAT32);
    assertThat(figure(one, MISFIT, "steered_against_confident").interval()).isEmpty();
  }

  /** Steering away from a pair steers to its anti-expert. */
  @Test
  void withANegativeStrengthTheAntiExpertIsWhatGains() {
    Place away = new Place(2, -0.1, -3, -9, -0.1, -0.1);
    Diagnosis diagnosis =
        Diagnosis.of(
            Fabricated.samples(10, index -> sometimes(index, away)),
            new Pairs(List.of(-1.0), Precision.FLOAT32),
            Fabricated.VOCABULARY,
            Fabricated.TIMES,
            Thresholds.standard());
    assertThat(figure(diagnosis, TOO_STRONG, "expert_gain").value())
        .isCloseTo((0.0 + 4 * -0.1) / 5, within(1e-9));
  }
}
