package io.proxytune.core.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes safetensors files for tests, valid ones and, through {@link #editHeader} and {@link
 * #writeRaw}, any other.
 */
public final class SafetensorsWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode header = JSON.createObjectNode();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  /** Adds a tensor of F32, F16 or BF16, its values rounded to nearest even. */
  public SafetensorsWriter add(String name, StoredType type, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * type.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case F32 -> bytes.putFloat(value);
        case BF16 -> bytes.putShort(toBfloat16(value));
        case F16 -> bytes.putShort(toFloat16(value));
        default -> throw new IllegalArgumentException("not a float type: " + type);
      }
    }
    return add(name, type.name(), bytes.array(), shape);
  }

  /** Adds a tensor of any dtype with these bytes. */
  public SafetensorsWriter add(String name, String dtype, byte[] bytes, long... shape) {
    ObjectNode tensor = header.putObject(name).put("dtype", dtype);
    var sizes = tensor.putArray("shape");
    Arrays.stream(shape).forEach(sizes::add);
    tensor.putArray("data_offsets").add(data.size()).add(data.size() + bytes.length);
    data.writeBytes(bytes);
    return this;
  }

  /** Adds a line of metadata. */
  public SafetensorsWriter metadata(String key, String value) {
    header.withObject("/__metadata__").put(key, value);
    return this;
  }

  /** The header, to be changed at will before it is written. */
  public ObjectNode editHeader() {
    return header;
  }

  /** Writes the file, its header padded with blanks to a multiple of 8 as other writers do. */
  public Path write(Path file) {
    String json = header.toString();
    String padded = json + " ".repeat((8 - json.getBytes(UTF_8).length % 8) % 8);
    return writeRaw(file, padded, data.toByteArray());
  }

  /** Writes a file with any header text. */
  public static Path writeRaw(Path file, String header, byte[] data) {
    byte[] bytes = header.getBytes(UTF_8);
    return writeRaw(file, bytes.length, bytes, data);
  }

  /** Writes a file whose header length may be a lie. */
  public static Path writeRaw(Path file, long headerLength, byte[] header, byte[] data) {
    ByteBuffer all =
        ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    try {
      return Files.write(file, all.putLong(headerLength).put(header).put(data).array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) 0x7fc0;
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** Rounds to binary16: scaled to a multiple of the result's last place, then rounded. */
  static short toFloat16(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
    float size = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (size >= 65520) {
      return (short) (sign | 0x7c00);
    }
    int exponent = Math.max(Math.getExponent(size), -14);
    int significand = (int) Math.rint(Math.scalb((double) size, 10 - exponent));
    // A significand that rounds up to 2048, or stays below 1024, carries into the exponent rightly.
    return (short) (sign | (((exponent + 14) << 10) + significand));
  }
}
