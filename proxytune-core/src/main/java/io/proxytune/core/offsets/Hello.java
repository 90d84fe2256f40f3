package io.proxytune.core.offsets;

import io.proxytune.model.Logits;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What an engine says of itself.
 *
 * @param format how it wants offsets
 * @param width the logits of its rows
 * @param vocabularySize one more than the largest id that has a token
 * @param fingerprint of its tokens; see {@link Fingerprint}
 * @param longest the most tokens that its requests may have; 0 where it does not know
 * @param requests how many requests it may have at once; 0 where it does not know
 */
@SuppressWarnings("ArrayRecordComponent") // compared by no one
record Hello(
    RowFormat format,
    int width,
    int vocabularySize,
    byte[] fingerprint,
    int longest,
    int requests) {
  static final int TYPE = 1;
  static final int VERSION = 1;
  private static final byte[] MAGIC = "PTOFFSET".getBytes(StandardCharsets.US_ASCII);

  static byte[] magic() {
    return MAGIC.clone();
  }

  static Hello read(MessageReader message) {
    if (message.u8("the type") != TYPE
        || !Arrays.equals(message.bytes(MAGIC.length, "PTOFFSET"), MAGIC)) {
      throw new FaultException(
          Fault.MALFORMED, "the first message is no hello: it begins with 1 and PTOFFSET");
    }
    int version = message.u16("the version");
    if (version != VERSION) {
      throw new FaultException(
          Fault.VERSION, "the client speaks version " + version + ", and this server " + VERSION);
    }
    RowFormat format = RowFormat.ofCode(message.u8("the rows' format"));
    message.u8("a byte that is kept free");
    int width = message.u32("the width");
    if (width < 1 || width > Logits.MAX_WIDTH) {
      throw new FaultException(
          Fault.MALFORMED, "a row has from 1 to " + Logits.MAX_WIDTH + " logits, got " + width);
    }
    Hello hello =
        new Hello(
            format,
            width,
            message.u32("the size of the vocabulary"),
            message.bytes(Fingerprint.BYTES, "the fingerprint"),
            message.u32("the most tokens"),
            message.u32("the most requests"));
    message.end();
    return hello;
  }
}
