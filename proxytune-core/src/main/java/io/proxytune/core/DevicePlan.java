package io.proxytune.core;

import java.util.List;

/**
 * Where the parts of a checkpoint are, or would be, by a {@link DeviceMap}: immutable.
 *
 * @param parts in the order of layers; the embedding is in the first, the head in the last
 */
public record DevicePlan(List<Part> parts) {
  /**
   * A device's part.
   *
   * @param device {@code cpu} or {@code cuda:N}
   * @param firstLayer its first layer, from 0
   * @param endLayer the layer behind its last
   * @param bytes what its weights take at most, with those of the embedding or the head
   */
  public record Part(String device, int firstLayer, int endLayer, long bytes) {
    /**
     * The number of its layers.
     *
     * @return how many
     */
    public int layers() {
      return endLayer - firstLayer;
    }
  }

  /** Copies the list. */
  public DevicePlan {
    parts = List.copyOf(parts);
  }
}
