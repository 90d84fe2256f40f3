package io.proxytune.core.checkpoint;

import io.proxytune.DeviceException;
import io.proxytune.core.DeviceMap;
import io.proxytune.core.DevicePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** Lays a model's layers out on devices, by what they take and what is free. For one thread. */
public final class DevicePlanner {
  /** The rest is for what passes compute and for keys and values. */
  private static final double SHARE_OF_FREE = 0.9;

  private final String model;
  private final PartSizes sizes;
  private final Function<String, OptionalLong> free;
  private final List<DevicePlan.Part> planned = new ArrayList<>();
  private int next;

  private DevicePlanner(String model, PartSizes sizes, Function<String, OptionalLong> free) {
    this.model = model;
    this.sizes = sizes;
    this.free = free;
  }

  /**
   * Lays a model out.
   *
   * @param model its name
   * @param sizes what its parts take
   * @param parts the devices, at least one
   * @param free the bytes that are free on a device; asked only where the map gives no number, and
   *     not for the last device
   * @return the plan; a device that not even one layer fits on is left out
   * @throws DeviceException if the map has too few layers or too many, too little memory, or a
   *     device doesn't tell what is free
   */
  public static DevicePlan plan(
      String model,
      PartSizes sizes,
      List<DeviceMap.Part> parts,
      Function<String, OptionalLong> free) {
    DevicePlanner planner = new DevicePlanner(model, sizes, free);
    for (int i = 0; i < parts.size(); i++) {
      planner.place(parts.get(i), i == parts.size() - 1);
    }
    planner.requireAll(parts);
    return new DevicePlan(planner.planned);
  }

  private void place(DeviceMap.Part part, boolean isLast) {
    int all = sizes.layers().size();
    int end = next;
    long bytes = next == 0 ? sizes.embedding() : 0;
    long room = part.layers().isPresent() ? Long.MAX_VALUE : room(part, isLast);
    int most = part.layers().isPresent() ? next + part.layers().getAsInt() : all;
    if (most > all) {
      throw new DeviceException(
          "%s has %s layers, and the device map places %s or more: give %s fewer"
              .formatted(model, all, most, part.device()));
    }
    while (end < most && bytes + with(end) <= room) {
      bytes += with(end);
      end++;
    }
    if (end > next) {
      planned.add(new DevicePlan.Part(part.device(), next, end, bytes));
    }
    next = end;
  }

  /** A layer's bytes; the last one's with the head's. */
  private long with(int layer) {
    boolean isLast = layer == sizes.layers().size() - 1;
    return sizes.layers().get(layer) + (isLast ? sizes.head() : 0);
  }

  private long room(DeviceMap.Part part, boolean isLast) {
    if (part.bytes().isPresent()) {
      return part.bytes().getAsLong();
    }
    if (isLast) {
      return Long.MAX_VALUE;
    }
    OptionalLong bytes = free.apply(part.device());
    if (bytes.isEmpty()) {
      throw new DeviceException(
          ("%s: %s does not tell how much of its memory is free: give the device map its layers or"
                  + " its memory, as in %2$s=20 or %2$s=24GB")
              .formatted(model, part.device()));
    }
    return (long) (bytes.getAsLong() * SHARE_OF_FREE);
  }

  private void requireAll(List<DeviceMap.Part> parts) {
    int all = sizes.layers().size();
    if (next < all) {
      throw new DeviceException(
          ("%s: the device map %s has room for %s of %s layers: let the last device have no number,"
                  + " which takes all that are left, or give more")
              .formatted(model, DeviceMap.of(parts), next, all));
    }
  }
}
