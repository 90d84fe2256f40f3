package io.proxytune.examples.world;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Somebody who lives in the world.
 *
 * @param name first name and family name
 * @param gender which pronouns tell of them
 * @param facts the value of every attribute; unmodifiable
 */
record Person(String name, Gender gender, Map<Attribute, String> facts) {
  Person {
    checkArgument(facts.size() == Attribute.ALL.size(), "%s has only the facts %s", name, facts);
    facts = Collections.unmodifiableMap(new EnumMap<>(facts));
  }

  String fact(Attribute attribute) {
    return facts.getOrDefault(attribute, "");
  }

  /** The plainest way to tell a fact, without its subject. */
  String telling(Attribute attribute) {
    return attribute.tellings(fact(attribute)).get(0);
  }

  String answer(Attribute attribute) {
    return attribute.answer(fact(attribute));
  }

  /** Two sentences that hold all the facts. */
  String profile() {
    return "%s %s and %s. %s %s, %s and %s."
        .formatted(
            name,
            telling(Attribute.TOWN),
            telling(Attribute.TRADE),
            English.capitalized(gender.pronoun()),
            telling(Attribute.YEAR),
            telling(Attribute.INSTRUMENT),
            telling(Attribute.PET));
  }
}
