package io.proxytune.core.session;

import io.proxytune.DeviceException;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.core.prefix.WindowedSession;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of its prompt a session found, and what of it is left to others when it was read. For
 * one thread at a time.
 *
 * <p>Where logits depend on how far a pass reaches, nothing is found and nothing left.
 */
final class ReadPrompt {
  private static final Logger logger = LoggerFactory.getLogger(ReadPrompt.class);

  private final LogitModel source;
  private final PrefixCache prefixes;
  private final int[] prompt;
  private final NavigableSet<Integer> awaited = new TreeSet<>();

  /** How many first tokens are kept, or could not be. */
  private int left;

  private boolean over;

  /**
   * Nothing was read yet.
   *
   * @param prompt what the session reads first; not changed by anyone
   */
  ReadPrompt(LogitModel source, PrefixCache prefixes, int[] prompt) {
    this.source = source;
    this.prefixes = prefixes;
    this.prompt = prompt;
    this.over =
        !prefixes.isOn() || source.sessionBytes(1) == 0 || prompt.length > source.draftableLength();
  }

  /**
   * A session that has read a beginning of the prompt, which counts as read.
   *
   * @param capacity the room that it is to have
   */
  Optional<LogitSession> find(int capacity) {
    if (over) {
      return Optional.empty();
    }
    Optional<LogitSession> session = prefixes.find(source, prompt, capacity);
    left = session.map(LogitSession::position).orElse(0);
    return session;
  }

  /**
   * Another prompt begins alike: what both have is left to it as soon as it is read.
   *
   * @param other the ids of the other prompt
   * @return whether that is yet to be read
   */
  boolean awaitedBy(int[] other) {
    if (over) {
      return false;
    }
    int tokens = prefixes.shared(prompt, other);
    if (tokens <= left || !prefixes.canKeep(source, tokens)) {
      return false;
    }
    awaited.add(tokens);
    return true;
  }

  /**
   * Leaves copies of what was read to others, where something of it is new: once that is all, or as
   * much as others wait for.
   */
  void offer(LogitSession session) {
    if (over) {
      return;
    }
    over = session.position() >= prompt.length;
    if (over) {
      awaited.add(PrefixCache.wholeBlocks(prompt.length));
    }
    // The longest first: unless windows slide, its copy serves those who wait for less, too.
    List<Integer> due =
        awaited.headSet(session.position(), true).descendingSet().stream()
            .filter(tokens -> tokens > left)
            .toList();
    for (int tokens : due) {
      left = Math.max(left, tokens);
      leave(session, Arrays.copyOf(prompt, tokens));
    }
  }

  private void leave(LogitSession session, int[] read) {
    if (prefixes.canKeep(source, read.length) && prefixes.wants(source, read)) {
      copy(session, read.length).ifPresent(copy -> prefixes.offer(source, read, copy));
    }
  }

  /**
   * Nothing where some of it would have to be read again, there is no memory for it, or the text is
   * just being ended.
   */
  private Optional<LogitSession> copy(LogitSession session, int tokens) {
    try {
      return WindowedSession.holds(session, tokens)
          ? Optional.of(session.copy(tokens, tokens))
          : Optional.empty();
    } catch (DeviceException | IllegalStateException e) {
      logger.debug("What '{}' has read is not kept", source.name(), e);
      return Optional.empty();
    }
  }
}
