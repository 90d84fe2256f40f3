package io.proxytune.examples.world;

import com.google.common.collect.ImmutableList;
import java.util.List;

/** What things are made of; it decides which tool is right for them. */
enum Material {
  METAL("kettle", "lamp", "bell", "sword", "anchor"),
  WOOD("chair", "table", "door", "cart", "boat"),
  CLOTH("coat", "sail", "flag", "blanket", "carpet"),
  CLAY("jar", "bowl", "tile", "oven", "vase"),
  STONE("wall", "bridge", "well", "tower", "statue");

  /** All of them, in the order in which a craft lists its tools. */
  static final ImmutableList<Material> ALL = ImmutableList.copyOf(values());

  private final ImmutableList<String> things;

  Material(String... things) {
    this.things = ImmutableList.copyOf(things);
  }

  List<String> things() {
    return things;
  }
}
