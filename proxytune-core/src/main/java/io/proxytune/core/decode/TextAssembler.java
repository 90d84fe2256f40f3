package io.proxytune.core.decode;

import java.util.List;

/** The text of one sequence: ids become characters, up to the first stop string. */
final class TextAssembler {
  private final TextDecoder decoder;
  private final StopStrings stops;
  private final StringBuilder text = new StringBuilder();

  TextAssembler(TextDecoder decoder, List<String> stopStrings) {
    this.decoder = decoder;
    this.stops = new StopStrings(stopStrings);
  }

  /** Takes the next id and returns the text that is released by it. */
  String append(int id) {
    return released(stops.append(decoder.append(id)));
  }

  /** Ends the text and returns what was held back. */
  String finish() {
    return released(stops.append(decoder.finish()) + stops.finish());
  }

  /** Whether a stop string ended the text. */
  boolean stopped() {
    return stops.stopped();
  }

  /** All that was released. */
  String text() {
    return text.toString();
  }

  private String released(String piece) {
    text.append(piece);
    return piece;
  }
}
