package io.proxytune.core.speculation;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;

/**
 * How often drafted tokens are right, by kind: usually, and in the text that is being written,
 * which counts more the longer it gets. For one thread at a time.
 */
final class AcceptanceRates {
  private final Map<DraftKind, Share> shares = new EnumMap<>(DraftKind.class);

  /** Begins with guesses. */
  AcceptanceRates() {
    for (DraftKind kind : DraftKind.values()) {
      shares.put(kind, new Share(kind));
    }
  }

  private AcceptanceRates(AcceptanceRates other) {
    other.shares.forEach((kind, share) -> shares.put(kind, new Share(share)));
  }

  /** Of the tokens of a kind, those that were right. */
  private static final class Share {
    private static final int GUESS_WEIGHT = 4;
    private static final int USUAL_WEIGHT = 12;
    private static final double USUAL_RATE = 1.0 / 256;
    private static final double TEXT_RATE = 1.0 / 32;

    private final MovingAverage usual;
    private final MovingAverage inText;

    private Share(DraftKind kind) {
      usual = new MovingAverage(kind.guess(), GUESS_WEIGHT, USUAL_RATE);
      inText = new MovingAverage(kind.guess(), GUESS_WEIGHT, TEXT_RATE);
    }

    /** For a new text. */
    private Share(Share other) {
      usual = other.usual.copy();
      inText = new MovingAverage(usual.value(), USUAL_WEIGHT, TEXT_RATE);
    }
  }

  /** For a new text: as is usual. */
  AcceptanceRates forNewText() {
    return new AcceptanceRates(this);
  }

  private Share share(DraftKind kind) {
    return requireNonNull(shares.get(kind));
  }

  /** Notes whether a token was right. */
  void add(DraftKind kind, boolean right) {
    share(kind).usual.add(right ? 1 : 0);
    share(kind).inText.add(right ? 1 : 0);
  }

  /**
   * The tokens that a step is expected to give: those of the draft up to one that is wrong, and the
   * one that is picked after them.
   */
  double tokens(DraftKind kind, int drafted) {
    double tokens = 1;
    double reached = 1;
    DraftKind next = kind;
    for (int i = 0; i < drafted; i++) {
      reached *= share(next).inText.value();
      tokens += reached;
      next = next.afterRight();
    }
    return tokens;
  }
}
