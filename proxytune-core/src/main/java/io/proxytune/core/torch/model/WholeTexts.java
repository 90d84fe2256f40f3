package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.model.Segment;
import java.util.List;

/** Which texts are read whole, since their tokens see those behind them. */
final class WholeTexts {
  private WholeTexts() {}

  /** Whether a text may be read in parts. */
  static boolean mayGoOn(Decoder decoder) {
    for (AttentionKernel kernel : decoder.kernels()) {
      if (!kernel.shape.causal()) {
        return false;
      }
    }
    return true;
  }

  /** Refuses to go on with a text: what was read before would have to see what comes now. */
  static void check(Decoder decoder, String model, List<Segment> segments) {
    if (mayGoOn(decoder)) {
      return;
    }
    for (Segment segment : segments) {
      checkArgument(
          segment.session().position() == 0,
          "%s: its tokens see those behind them (is_causal is false), so that a text is read in one"
              + " pass, but this session has read %s tokens: give the whole text to a new session,"
              + " or take a causal model to decode with",
          model,
          segment.session().position());
    }
  }
}
