package io.proxytune.core.remote;

import io.proxytune.model.LogitModel;

/**
 * A model on a server. Its rows are natural log-probabilities.
 *
 * <p>Nothing is kept here but token ids: each request sends a sequence's ids from the first on, so
 * that a server that was restarted in between goes on as if nothing had happened. Tokens that no
 * row was asked for are sent with those behind them.
 *
 * <p><b>Threads:</b> as {@link io.proxytune.LogitSource} says. Requests of several threads, and the
 * rows of one pass, are asked for side by side, as many at once as the server has slots. {@link
 * #close()} gives up the requests that are under way.
 */
public interface RemoteModel extends LogitModel {
  /**
   * What was asked of the server so far.
   *
   * @return its figures now
   */
  ServerStats stats();
}
