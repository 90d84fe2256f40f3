package io.proxytune.core.decode;

import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.ModelPass.Reading;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.core.session.RoleSession;
import io.proxytune.core.session.RowFusion;
import io.proxytune.model.Segment.Rows;
import java.util.Arrays;
import java.util.List;

/**
 * Decides for which texts experts are asked, where a strength says so from the base alone: the base
 * reads first, and the others only for the tokens that they steer. What they missed they read then.
 */
final class Gate {
  /** The most missed tokens that are read in one pass, as of a prompt. */
  private static final int MOST_TOKENS = 512;

  /** Rows of missed tokens are nobody's, and wide: more of them are read by a pass without rows. */
  private static final int MOST_ROWS = 64;

  private Gate() {}

  /** Whether a text has models that are not asked for every token. */
  static boolean isOn(Sequence text) {
    return text.steering().roles().size() > 1 && text.steering().fusion().asksWhereNeeded();
  }

  /** Whether a text's other models wait for what the base says. They read prompts beside it. */
  static boolean waits(Sequence text) {
    return isOn(text)
        && text.hasReadPrompt()
        && !text.asksAll()
        && text.sessions().others().stream().allMatch(RoleSession::canWait);
  }

  /** Says how strongly texts that are steered alike are steered, now that the base has read. */
  static void decide(Steering steering, ModelPass pass, List<Verification> texts) {
    int[] counts = texts.stream().mapToInt(Verification::rows).toArray();
    int[] positions = texts.stream().flatMapToInt(Verification::positions).toArray();
    try (RoleLogits base =
        steering
            .unasked()
            .rows(pass, texts.stream().map(text -> text.sequence().sessions()).toList(), counts)) {
      double[] strengths = steering.fusion().strengthsOfBase(base, positions);
      int end = 0;
      for (Verification text : texts) {
        int start = end;
        end += text.rows();
        text.gate(
            gating(
                text,
                Arrays.copyOfRange(strengths, start, end),
                Arrays.copyOfRange(positions, start, end)));
      }
    }
  }

  private static Gating gating(Verification text, double[] strengths, int[] positions) {
    RowFusion fusion = text.sequence().steering().fusion();
    boolean[] audited = new boolean[positions.length];
    boolean asked = !text.othersWait();
    for (int row = 0; row < audited.length; row++) {
      audited[row] = fusion.audits(text.sequence().auditSeed(), positions[row]);
      asked |= strengths[row] != 0 || audited[row];
    }
    return new Gating(strengths, audited, asked);
  }

  /** What a text's models have missed and read before the rest, in parts. */
  static List<Reading> missed(Verification text) {
    int keep = text.rows();
    int most = keep == 1 ? MOST_TOKENS : MOST_ROWS + keep;
    return text.sequence().sessions().others().stream()
        .filter(session -> session.unread() > most)
        .map(
            session ->
                new Reading(session, Math.min(MOST_TOKENS, session.unread() - keep), Rows.NONE))
        .toList();
  }

  /** What a text's models read for its rows. */
  static List<Reading> rest(Verification text) {
    Rows rows = text.rows() == 1 ? Rows.LAST : Rows.ALL;
    return text.sequence().sessions().others().stream()
        .filter(RoleSession::hasUnread)
        .map(session -> new Reading(session, Integer.MAX_VALUE, rows))
        .toList();
  }
}
