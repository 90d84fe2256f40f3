package io.proxytune.core.session;

import io.proxytune.DeviceException;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import java.util.Arrays;
import java.util.Optional;
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
  private int found;
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
    found = session.map(LogitSession::position).orElse(0);
    return session;
  }

  /** Leaves a copy of what was read to others, once that is all and something of it is new. */
  void offer(LogitSession session) {
    if (over || session.position() < prompt.length) {
      return;
    }
    over = true;
    int tokens = PrefixCache.wholeBlocks(prompt.length);
    int[] read = Arrays.copyOf(prompt, tokens);
    if (tokens > found && prefixes.wants(source, read)) {
      copy(session, tokens).ifPresent(copy -> prefixes.offer(source, read, copy));
    }
  }

  /** Nothing where there is no memory for it, or the text is just being ended. */
  private Optional<LogitSession> copy(LogitSession session, int tokens) {
    try {
      return Optional.of(session.fork(tokens, tokens));
    } catch (DeviceException | IllegalStateException e) {
      logger.debug("What '{}' has read is not kept", source.name(), e);
      return Optional.empty();
    }
  }
}
