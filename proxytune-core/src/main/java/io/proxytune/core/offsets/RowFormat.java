package io.proxytune.core.offsets;

import java.nio.ByteBuffer;

/** How an offset is written. */
enum RowFormat {
  FLOAT32(1, Float.BYTES) {
    @Override
    void put(ByteBuffer to, float[] row, int count) {
      to.asFloatBuffer().put(row, 0, count);
    }
  },
  /** Rounded to the nearest, ties to even; finite numbers stay finite. */
  FLOAT16(2, Short.BYTES) {
    @Override
    void put(ByteBuffer to, float[] row, int count) {
      short[] halves = new short[count];
      for (int id = 0; id < count; id++) {
        halves[id] = HalfFloat.of(row[id]);
      }
      to.asShortBuffer().put(halves);
    }
  };

  private final int code;
  private final int bytes;

  RowFormat(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  static RowFormat ofCode(int code) {
    for (RowFormat format : values()) {
      if (format.code == code) {
        return format;
      }
    }
    throw new FaultException(
        Fault.MALFORMED, "the rows' format is 1 (float32) or 2 (float16), got " + code);
  }

  int code() {
    return code;
  }

  /** The size of a number. */
  int bytes() {
    return bytes;
  }

  /** Writes the first numbers of a row at a buffer's position, which stays where it is. */
  abstract void put(ByteBuffer to, float[] row, int count);
}
