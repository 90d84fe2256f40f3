package io.proxytune.examples.world;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Sets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A thing with what is wrong with it: immutable.
 *
 * @param thing such as "kettle"
 * @param material what it is made of, which decides about tools
 * @param flaws its flaws; none where it is done
 */
record Workpiece(String thing, Material material, Set<Flaw> flaws) {
  Workpiece {
    checkArgument(
        material.things().contains(thing), "a %s is not made of %s", thing, material.name());
    flaws = Sets.immutableEnumSet(flaws);
  }

  /** "kettle dirty dull". */
  String text() {
    return thing + flaws.stream().map(flaw -> " " + flaw.word()).collect(Collectors.joining());
  }

  /**
   * What a statement of a program does to it. Repairing leaves dirt; nothing is decorated that is
   * shabby or dirty; nothing is protected that has another flaw.
   *
   * @return what is left to do
   * @throws IllegalArgumentException if it can't be done now, saying why
   */
  Workpiece after(Craft craft, String tool) {
    Flaw flaw =
        Flaw.of(craft)
            .orElseThrow(() -> new IllegalArgumentException("this does harm to the " + thing));
    String right = tool(craft);
    checkArgument(tool.equals(right), "this takes %s for the %s, got \"%s\"", right, thing, tool);
    checkArgument(flaws.contains(flaw), "the %s is not %s", thing, flaw.word());
    obstacle(flaw)
        .ifPresent(
            it -> {
              throw new IllegalArgumentException("the %s is still %s".formatted(thing, it.word()));
            });
    Set<Flaw> left = EnumSet.copyOf(flaws);
    left.remove(flaw);
    if (flaw == Flaw.SHABBY) {
      left.add(Flaw.DIRTY);
    }
    return new Workpiece(thing, material, left);
  }

  private Optional<Flaw> obstacle(Flaw flaw) {
    return switch (flaw) {
      case SHABBY, DIRTY -> Optional.empty();
      case DULL, TENDER -> flaws.stream().filter(other -> other.compareTo(flaw) < 0).findFirst();
    };
  }

  /** The tool without its article. */
  String tool(Craft craft) {
    return craft.tool(material).replaceFirst("^an? ", "");
  }

  /** The crafts that finish it, in the shortest order. */
  List<Craft> plan() {
    List<Craft> plan = new ArrayList<>();
    for (Flaw flaw : Flaw.values()) {
      boolean dirtied = flaw == Flaw.DIRTY && flaws.contains(Flaw.SHABBY);
      if (flaws.contains(flaw) || dirtied) {
        plan.add(flaw.craft());
      }
    }
    return plan;
  }
}
