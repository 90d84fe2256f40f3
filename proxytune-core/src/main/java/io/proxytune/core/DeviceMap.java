package io.proxytune.core;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.joining;

import com.google.common.base.Splitter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which devices hold a model: one, or several in the order of its layers, each with a run of them.
 * The embedding is beside the first layer, the head beside the last, and each layer's keys and
 * values beside the layer. Immutable.
 *
 * <p>As text, such as {@code cuda:0=20,cuda:1=24GB,cpu}: devices in their order, each with the
 * number of its layers, with the memory that weights may take there, or with neither. Then they
 * take up to nine tenths of what is free, and on the last device all that are left. {@code auto}
 * stands for all GPUs and then the CPU.
 */
public final class DeviceMap {
  private static final String AUTO = "auto";
  private static final DeviceMap BY_MEMORY = new DeviceMap(List.of());
  private static final Pattern PART =
      Pattern.compile(
          "(cpu|cuda(?::[0-9]{1,3})?)(?:=([0-9]{1,6})|=([0-9]{1,9}(?:\\.[0-9]{1,9})?)GB)?");

  /** Of gigabytes, down to single bytes. */
  private static final int DECIMALS = 9;

  private final List<Part> parts;

  /**
   * A device's part.
   *
   * @param device {@code cpu}, {@code cuda} (the first GPU) or {@code cuda:N}
   * @param layers how many layers it has, where that is given
   * @param bytes how much its weights may take, where that is given
   */
  public record Part(String device, OptionalInt layers, OptionalLong bytes) {
    /** Checks the parts. */
    public Part {
      checkArgument(
          device.equals("cpu") || device.matches("cuda(:[0-9]{1,3})?"),
          "device must be cpu or cuda:N, got \"%s\"",
          device);
      checkArgument(
          layers.orElse(1) >= 1, "%s: layers must be >= 1, got %s", device, layers.orElse(1));
      checkArgument(
          bytes.orElse(1) >= 1, "%s: bytes must be >= 1, got %s", device, bytes.orElse(1));
      checkArgument(
          layers.isEmpty() || bytes.isEmpty(), "%s: give layers or bytes, got both", device);
    }

    @Override
    public String toString() {
      return layers.isPresent()
          ? device + "=" + layers.getAsInt()
          : device + (bytes.isPresent() ? "=" + gigabytes(bytes.getAsLong()) + "GB" : "");
    }

    private static String gigabytes(long bytes) {
      return BigDecimal.valueOf(bytes, DECIMALS).stripTrailingZeros().toPlainString();
    }
  }

  private DeviceMap(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /**
   * Devices in the order of layers.
   *
   * @param parts at least one
   * @return the map
   */
  public static DeviceMap of(List<Part> parts) {
    checkArgument(!parts.isEmpty(), "a device map needs at least one device");
    return new DeviceMap(parts);
  }

  /**
   * All GPUs that this machine has and then the CPU, each as far as its memory goes: {@code auto}.
   *
   * @return the map
   */
  public static DeviceMap byMemory() {
    return BY_MEMORY;
  }

  /**
   * Reads a map's text.
   *
   * @param text such as {@code cpu}, {@code cuda:1}, {@code cuda:0=20,cpu}, {@code cuda:0=24GB,cpu}
   *     or {@code auto}
   * @return the map
   * @throws IllegalArgumentException if it is none
   */
  public static DeviceMap parse(String text) {
    if (text.equals(AUTO)) {
      return BY_MEMORY;
    }
    List<Part> parts = new ArrayList<>();
    for (String part : Splitter.on(',').split(text)) {
      Matcher matcher = PART.matcher(part);
      checkArgument(
          matcher.matches(),
          "device must be cpu, cuda:N, auto, or several as in cuda:0=20,cuda:1=24GB,cpu with the"
              + " layers or the memory of each, got \"%s\"",
          text);
      parts.add(part(matcher));
    }
    return of(parts);
  }

  private static Part part(Matcher matcher) {
    String layers = matcher.group(2);
    String gigabytes = matcher.group(3);
    return new Part(
        matcher.group(1),
        layers == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(layers)),
        gigabytes == null
            ? OptionalLong.empty()
            : OptionalLong.of(new BigDecimal(gigabytes).movePointRight(DECIMALS).longValueExact()));
  }

  /**
   * The devices.
   *
   * @return each device's part, in the order of layers; empty for all of this machine's
   */
  public List<Part> parts() {
    return parts;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeviceMap map && parts.equals(map.parts);
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }

  /** What {@link #parse} reads. */
  @Override
  public String toString() {
    return parts.isEmpty() ? AUTO : parts.stream().map(Part::toString).collect(joining(","));
  }
}
