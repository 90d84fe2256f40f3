package io.proxytune.examples.server;

import java.io.IOException;

/** Answers requests, several at once, each on a thread of its own. */
@FunctionalInterface
interface Endpoint {
  /**
   * Answers one request. What it throws becomes an error in OpenAI's form.
   *
   * @throws CutOffException if the request was ended from outside
   * @throws IOException if the client is gone
   */
  void answer(Call call) throws IOException;
}
