package io.proxytune.examples;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion;
import io.proxytune.Strength;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the parts of a {@link Fusion} are called on the command line: words with numbers behind. */
final class FusionWords {
  private FusionWords() {}

  /** A word and the numbers behind it, parted by colons. */
  private record Words(String word, List<String> numbers) {
    static Words of(String value) {
      List<String> parts = List.of(value.toLowerCase(Locale.ROOT).split(":", -1));
      return new Words(parts.get(0), parts.subList(1, parts.size()));
    }

    int whole(int index) {
      return Integer.parseInt(numbers.get(index));
    }

    double number(int index) {
      return Double.parseDouble(numbers.get(index));
    }
  }

  private static TypeConversionException unknown(String expected, String value) {
    return new TypeConversionException("expected " + expected + ", got '" + value + "'");
  }

  /** Logits, log-probabilities or probabilities. */
  static final class SpaceConverter implements ITypeConverter<Fusion.Space> {
    @Override
    public Fusion.Space convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "logits" -> Fusion.Space.LOGITS;
        case "log-probabilities" -> Fusion.Space.LOG_PROBABILITIES;
        case "probabilities" -> Fusion.Space.PROBABILITIES;
        default -> throw unknown("logits, log-probabilities or probabilities", value);
      };
    }
  }

  /** Such as {@code top-p:0.9}. */
  static final class CandidatesConverter implements ITypeConverter<CandidateSet> {
    private static final String EXPECTED =
        "all, top-k:K, top-p:P, plausible:BETA, both-top:K, either-top:K or common:COUNT";

    @Override
    public CandidateSet convert(String value) {
      Words words = Words.of(value);
      try {
        if (value.equalsIgnoreCase("all")) {
          return CandidateSet.all();
        }
        if (words.numbers.size() != 1) {
          throw unknown(EXPECTED, value);
        }
        return switch (words.word) {
          case "top-k" -> CandidateSet.topK(words.whole(0));
          case "top-p" -> CandidateSet.topP(words.number(0));
          case "plausible" -> CandidateSet.plausible(words.number(0));
          case "both-top" -> CandidateSet.inBothTop(words.whole(0));
          case "either-top" -> CandidateSet.inEitherTop(words.whole(0));
          case "common" -> CandidateSet.common(words.whole(0));
          default -> throw unknown(EXPECTED, value);
        };
      } catch (NumberFormatException e) {
        throw unknown(EXPECTED, value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** A number, or such as {@code first:2}. */
  static final class StrengthConverter implements ITypeConverter<Strength> {
    private static final String EXPECTED =
        "a number, first:TOKENS, linear:FROM:TO:TOKENS, kl-matched, kl-matched:MOST,"
            + " entropy:NATS, entropy:NATS:AUDITED, top-probability:P or"
            + " top-probability:P:AUDITED";

    @Override
    public Strength convert(String value) {
      Words words = Words.of(value);
      try {
        return switch (words.word + "/" + words.numbers.size()) {
          case "kl-matched/0" -> Strength.klMatched();
          case "kl-matched/1" -> Strength.klMatched(words.number(0));
          case "first/1" -> Strength.firstTokens(words.whole(0));
          case "linear/3" -> Strength.linear(words.number(0), words.number(1), words.whole(2));
          case "entropy/1" -> Strength.whereEntropyIsAtLeast(words.number(0));
          case "entropy/2" ->
              Strength.whereEntropyIsAtLeast(words.number(0)).withAudited(words.number(1));
          case "top-probability/1" -> Strength.whereTopProbabilityIsAtMost(words.number(0));
          case "top-probability/2" ->
              Strength.whereTopProbabilityIsAtMost(words.number(0)).withAudited(words.number(1));
          default -> Strength.constant(Double.parseDouble(value));
        };
      } catch (NumberFormatException e) {
        throw unknown(EXPECTED, value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
