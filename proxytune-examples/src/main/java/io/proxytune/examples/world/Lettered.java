package io.proxytune.examples.world;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * A kind of fact whose values are letters, and how a text tells it: the letter comes where {@code
 * {x}} stands.
 */
enum Lettered {
  WARD("lives in ward {x}", "has a house in ward {x}", "comes home to ward {x} every night"),
  GUILD("works for guild {x}", "is a member of guild {x}", "earns a living with guild {x}"),
  BAND("plays in band {x}", "sings with band {x}", "practises with band {x} after supper"),
  STALL("keeps stall {x}", "sells bread at stall {x}", "is at stall {x} on market days");

  /** All of them. */
  static final ImmutableList<Lettered> ALL = ImmutableList.copyOf(values());

  private final ImmutableList<String> tellings;

  Lettered(String... tellings) {
    this.tellings = ImmutableList.copyOf(tellings);
  }

  /** All the ways to tell it; the first is the plainest. */
  List<String> tellings(String letter) {
    return tellings.stream().map(telling -> telling.replace("{x}", letter)).toList();
  }

  /** The plainest way to tell it, up to where the letter comes. */
  String beginning() {
    return tellings.get(0).replace(" {x}", "");
  }
}
