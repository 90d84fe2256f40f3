package io.proxytune.core.offsets;

import java.util.ArrayList;
import java.util.List;

/**
 * What an engine asks for at once, in this order.
 *
 * @param number the engine's number of it, which the answer repeats
 * @param leaves requests that end, or whose tokens are forgotten
 * @param joins requests that begin
 * @param reads what is new of requests
 */
@SuppressWarnings("ArrayRecordComponent") // compared by no one
record Step(long number, long[] leaves, List<Join> joins, List<Read> reads) {
  static final int TYPE = 3;
  private static final int JOIN_BYTES = Long.BYTES + Integer.BYTES + Short.BYTES;
  private static final int STRENGTH_BYTES = Short.BYTES + Double.BYTES;
  private static final int READ_BYTES = Long.BYTES + 2 * Integer.BYTES + Byte.BYTES;

  /**
   * A request that begins.
   *
   * @param request its number
   * @param room how many tokens it may have, as far as is known; room for more is made
   * @param strengths which pairs steer it; none for all, as strongly as they do where nothing else
   *     is said
   */
  record Join(long request, int room, List<Strength> strengths) {}

  /**
   * How strongly a pair steers.
   *
   * @param pair its index
   * @param alpha finite
   */
  record Strength(int pair, double alpha) {}

  /**
   * What is new of a request.
   *
   * @param request its number
   * @param kept how many of its first tokens still hold
   * @param wanted whether the offset after the last token is wanted
   * @param tokens those that follow, at least one
   */
  record Read(long request, int kept, boolean wanted, int[] tokens) {}

  static Step read(MessageReader message) {
    int type = message.u8("the type");
    if (type != TYPE) {
      throw new FaultException(Fault.MALFORMED, "a step has type " + TYPE + ", got " + type);
    }
    long number = message.u64("the step");
    int leaves = message.count(Long.BYTES, "requests that leave");
    int joins = message.count(JOIN_BYTES, "requests that join");
    int reads = message.count(READ_BYTES, "requests that read");
    long[] left = new long[leaves];
    for (int i = 0; i < leaves; i++) {
      left[i] = message.u64("a request that leaves");
    }
    List<Join> joined = new ArrayList<>();
    for (int i = 0; i < joins; i++) {
      joined.add(join(message));
    }
    List<Read> read = new ArrayList<>();
    for (int i = 0; i < reads; i++) {
      read.add(tokens(message));
    }
    message.end();
    return new Step(number, left, joined, read);
  }

  private static Join join(MessageReader message) {
    long request = message.u64("a request that joins");
    int room = message.u32("the most tokens of a request");
    int pairs = message.u16("the number of pairs");
    message.left(pairs, STRENGTH_BYTES, "pairs");
    List<Strength> strengths = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      strengths.add(new Strength(message.u16("a pair"), message.finite("alpha")));
    }
    return new Join(request, room, strengths);
  }

  private static Read tokens(MessageReader message) {
    long request = message.u64("a request that reads");
    int kept = message.u32("the number of tokens that are kept");
    int wanted = message.u8("whether an offset is wanted");
    if (wanted > 1) {
      throw new FaultException(
          Fault.MALFORMED, "an offset is wanted (1) or not (0), got " + wanted);
    }
    int[] tokens = message.ids(message.count(Integer.BYTES, "tokens"));
    if (tokens.length == 0) {
      throw new FaultException(Fault.MALFORMED, "a request reads at least one token, got none");
    }
    return new Read(request, kept, wanted == 1, tokens);
  }
}
