package io.proxytune.core.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** A short answer as text; of a long one, its beginning or a failure. */
final class TextBody extends StreamedBody<String> {
  private final int maxBytes;
  private final boolean cuts;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private TextBody(int maxBytes, boolean cuts) {
    this.maxBytes = maxBytes;
    this.cuts = cuts;
  }

  /** The whole of an answer that must not be longer. */
  static TextBody whole(int maxBytes) {
    return new TextBody(maxBytes, false);
  }

  /** The beginning of an answer. */
  static TextBody beginning(int maxBytes) {
    return new TextBody(maxBytes, true);
  }

  @Override
  void take(byte[] next) throws IOException {
    int room = maxBytes - bytes.size();
    if (next.length > room && !cuts) {
      throw new MalformedAnswerException("it is longer than " + maxBytes + " bytes");
    }
    bytes.write(next, 0, Math.min(room, next.length));
  }

  @Override
  String end() {
    return bytes.toString(UTF_8);
  }
}
