package io.proxytune.core.checkpoint;

import static java.util.stream.Collectors.joining;

import java.util.List;

/**
 * A tensor that a description calls for: immutable.
 *
 * @param name its name
 * @param shape its shape
 */
record TensorDemand(String name, List<Size> shape) {
  TensorDemand {
    shape = List.copyOf(shape);
  }

  static TensorDemand of(String name, Size... shape) {
    return new TensorDemand(name, List.of(shape));
  }

  List<Long> sizes() {
    return shape.stream().map(Size::value).toList();
  }

  String keys() {
    return shape.stream().map(Size::keys).collect(joining(", ", "[", "]"));
  }

  /**
   * A size.
   *
   * @param keys the keys of config.json that it comes from
   * @param value how much they are
   */
  record Size(String keys, long value) {
    Size times(Size other) {
      return new Size(keys + " * " + other.keys, value * other.value);
    }
  }
}
