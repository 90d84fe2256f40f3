package io.proxytune;

import java.time.Duration;
import java.util.List;

/**
 * Is told of the requests of a tuner: of {@link ProxyTuner#generate}, {@link ProxyTuner#stream} and
 * their kin, not of {@link ProxyTuner#score} and {@link ProxyTuner#choose}. Each request is
 * started, and then either finished or failed, once.
 *
 * <p><b>Threads:</b> called by threads of several requests at once: by the one that asked, by the
 * one that reads the text or ends it, and by the tuner's own where nobody waits. A slow listener
 * keeps its own request waiting, and no other. It may use the tuner, and cancel streams, but not
 * read the one that it is told of. What it throws is logged and goes no further.
 */
public interface GenerationListener {
  /**
   * A request was made. It is not checked yet, and the prompt is not read.
   *
   * @param request what is asked for
   */
  default void started(GenerationRequest request) {}

  /**
   * The first token of a request is there; of several texts, that of the first.
   *
   * @param request what was asked for
   * @param elapsed since it was started
   */
  default void firstToken(GenerationRequest request, Duration elapsed) {}

  /**
   * A request is done, or was cancelled: {@link Generation#finishReason()} tells.
   *
   * @param request what was asked for
   * @param texts a text, or several in their order, each with counts and timings in {@link
   *     Generation#stats()}
   * @param elapsed since it was started
   */
  default void finished(GenerationRequest request, List<Generation> texts, Duration elapsed) {}

  /**
   * A request was refused or failed.
   *
   * @param request what was asked for
   * @param cause what its caller gets
   * @param elapsed since it was started
   */
  default void failed(GenerationRequest request, Throwable cause, Duration elapsed) {}
}
