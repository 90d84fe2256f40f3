package io.proxytune.examples.diagnosis;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationStats;
import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenTrace;
import io.proxytune.TokenTrace.View;
import io.proxytune.core.vocabulary.VocabularyRelation;
import io.proxytune.core.vocabulary.VocabularyRelation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Texts, vocabularies and times that no model made. */
final class Fabricated {
  /** What the base chooses at every place. */
  static final int CHOICE = 1;

  static final StepTimes TIMES =
      new StepTimes(
          List.of(
              new StepTimes.RoleTime("base", 10),
              new StepTimes.RoleTime("expert", 2),
              new StepTimes.RoleTime("anti-expert", 2)),
          15,
          10.5);
  static final VocabularyFacts VOCABULARY =
      new VocabularyFacts(
          List.of(steering("expert", relation(Kind.EQUAL, 100, 100, 100))), Set.of("</s>"));

  private Fabricated() {}

  static VocabularyRelation relation(Kind kind, int tokens, int other, int common) {
    return new VocabularyRelation(kind, tokens, other, common, List.of(), Optional.empty());
  }

  static VocabularyFacts.Steering steering(String role, VocabularyRelation relation) {
    return new VocabularyFacts.Steering(role, relation, Set.of("</s>"), Set.of(), false);
  }

  /**
   * A token that says what each model thinks of it.
   *
   * @param id the picked token, {@link #CHOICE} where nothing was steered
   * @param top the base's log-probability of its choice
   * @param base the base's log-probability of the token
   * @param expert the expert's
   * @param expertOfChoice the expert's of the base's choice
   * @param antiExpert the anti-expert's of the token
   */
  record Place(
      int id, double top, double base, double expert, double expertOfChoice, double antiExpert) {
    /** Nothing is steered, and all are sure. */
    static final Place PLAIN = new Place(CHOICE, -0.1, -0.1, -0.1, -0.1, -0.2);

    /** The expert has what the base would not say. */
    static final Place STEERED = new Place(2, -0.1, -3, -0.2, -4, -3);

    Token token(int index) {
      View fused = view(-0.1, id);
      TokenTrace trace =
          new TokenTrace(
              fused,
              List.of(
                  new TokenTrace.OfRole(Role.BASE, 0, view(base, CHOICE)),
                  new TokenTrace.OfRole(Role.EXPERT, 0, view(expert, id)),
                  new TokenTrace.OfRole(Role.ANTI_EXPERT, 0, view(antiExpert, CHOICE))),
              List.of(1.0),
              0,
              0,
              false);
      TokenLogprobs logprobs =
          new TokenLogprobs(
              -0.1,
              List.of(),
              List.of(
                  role(Role.BASE, base, top),
                  role(Role.EXPERT, expert, expertOfChoice),
                  role(Role.ANTI_EXPERT, antiExpert, -0.1)));
      return new Token(id, "", index, logprobs, trace);
    }

    private static TokenLogprobs.OfRole role(Role role, double logprob, double ofChoice) {
      return new TokenLogprobs.OfRole(
          role, 0, logprob, List.of(new TokenLogprobs.Alternative(CHOICE, ofChoice)));
    }

    private static View view(double logprob, int choice) {
      return new View(10 + logprob, logprob, 0, choice, 0.5);
    }
  }

  static Generation text(FinishReason reason, List<Integer> ids, List<Token> tokens) {
    GenerationStats stats =
        new GenerationStats(1, ids.size(), Duration.ZERO, Duration.ZERO, Duration.ZERO);
    return new Generation("", ids, reason, List.of(5), 1, tokens, stats);
  }

  /** Texts of 20 places each beside a base that never repeats itself. */
  static List<Sample> samples(int count, IntFunction<Place> place) {
    return samples(count, place, FinishReason.MAX_NEW_TOKENS);
  }

  static List<Sample> samples(int count, IntFunction<Place> place, FinishReason reason) {
    List<Sample> samples = new ArrayList<>();
    List<Integer> different = IntStream.range(100, 120).boxed().toList();
    for (int i = 0; i < count; i++) {
      List<Token> tokens = IntStream.range(0, 20).mapToObj(j -> place.apply(j).token(j)).toList();
      samples.add(
          Sample.of(
              text(reason, different, tokens),
              text(FinishReason.MAX_NEW_TOKENS, different, List.of())));
    }
    return samples;
  }

  static Diagnosis diagnosis(List<Sample> samples, Precision precision) {
    Pairs pairs = new Pairs(List.of(1.0), precision);
    return Diagnosis.of(samples, pairs, VOCABULARY, TIMES, Thresholds.standard());
  }
}
