package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * One request as its endpoint sees it, which answers it once: whole, or event by event. Its thread
 * is interrupted when the client goes away, or the server can't wait for it any longer. For one
 * thread.
 */
interface Call {
  /** What the client sent. */
  byte[] body();

  /**
   * Answers with JSON and the status of success.
   *
   * @throws IOException if the client is gone
   */
  void reply(JsonNode json) throws IOException;

  /**
   * Sends an event; the first begins the answer. Waits where the client is slow to read.
   *
   * @throws IOException if the client is gone
   */
  void event(JsonNode json) throws IOException;

  /**
   * Ends the events.
   *
   * @throws IOException if the client is gone
   */
  void endOfEvents() throws IOException;
}
