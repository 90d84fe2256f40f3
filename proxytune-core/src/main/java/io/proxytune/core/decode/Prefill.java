package io.proxytune.core.decode;

import io.proxytune.FinishReason;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.RoleSession;
import io.proxytune.model.Segment.Rows;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Reads prompts up to their last chunks, which are left for the pass that asks for logits. */
final class Prefill {
  private Prefill() {}

  /**
   * Reads in chunks. Short prompts wait for long ones, so that every prompt's last chunk is in the
   * same pass.
   *
   * @param sessions the sessions, none twice
   * @param chunk the most tokens of a session in one pass
   * @param control asked before each pass
   * @return why to end, if the request is to end now
   */
  static Optional<FinishReason> run(
      Collection<RoleSession> sessions, int chunk, RequestControl control) {
    int longest = sessions.stream().mapToInt(session -> session.passes(chunk)).max().orElse(1);
    Optional<FinishReason> end = control.end();
    for (int left = longest; left > 1 && end.isEmpty(); left--) {
      int passesLeft = left;
      List<RoleSession> reading =
          sessions.stream().filter(l -> l.passes(chunk) == passesLeft).toList();
      ModelPass.run(reading, chunk, Rows.NONE).close();
      end = control.end();
    }
    return end;
  }
}
