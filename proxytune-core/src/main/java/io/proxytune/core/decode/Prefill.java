package io.proxytune.core.decode;

import io.proxytune.core.session.RoleSession;
import java.util.Collection;
import java.util.List;

/**
 * Prompts in chunks, up to their last ones, which are read by the pass that asks for logits. Short
 * prompts of a sequence wait for its long ones, so that the last chunks of all are in one pass.
 */
final class Prefill {
  private Prefill() {}

  private static int passes(Collection<RoleSession> sessions, int chunk) {
    return sessions.stream().mapToInt(session -> session.passes(chunk)).max().orElse(1);
  }

  /** Whether one pass reads all that is unread. */
  static boolean isLast(Collection<RoleSession> sessions, int chunk) {
    return passes(sessions, chunk) <= 1;
  }

  /** The sessions that read a chunk now. */
  static List<RoleSession> due(Collection<RoleSession> sessions, int chunk) {
    int longest = passes(sessions, chunk);
    return sessions.stream().filter(session -> session.passes(chunk) == longest).toList();
  }
}
