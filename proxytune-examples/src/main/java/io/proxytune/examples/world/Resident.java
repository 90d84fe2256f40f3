package io.proxytune.examples.world;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Maps;
import java.util.Map;

/**
 * Somebody at a time of a world that changes.
 *
 * @param name first name and family name
 * @param letters the letter of every kind of fact; unmodifiable
 */
record Resident(String name, Map<Lettered, String> letters) {
  Resident {
    checkArgument(letters.size() == Lettered.ALL.size(), "%s has only %s", name, letters);
    letters = Maps.immutableEnumMap(letters);
  }

  String letter(Lettered kind) {
    return letters.getOrDefault(kind, "");
  }
}
