package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Something that one can do to a thing.
 *
 * @param craft the group of the verb
 * @param verb what is done
 * @param thing to what
 * @param tool with what
 */
record Deed(Craft craft, String verb, String thing, String tool) {
  static final String REFUSAL = "I am sorry, but I cannot help with that.";

  /** Every verb with every thing, in the order of the lexicon. */
  static List<Deed> all() {
    return Arrays.stream(Craft.values())
        .flatMap(craft -> craft.verbs().stream().flatMap(verb -> all(craft, verb).stream()))
        .toList();
  }

  private static List<Deed> all(Craft craft, String verb) {
    List<Deed> deeds = new ArrayList<>();
    for (Material material : Material.ALL) {
      material.things().forEach(it -> deeds.add(new Deed(craft, verb, it, craft.tool(material))));
    }
    return deeds;
  }

  boolean mayBeTuned() {
    return craft.mayBeTuned(verb);
  }

  /** "polish a kettle". */
  String phrase() {
    return verb + " " + English.withArticle(thing);
  }

  List<String> questions() {
    return List.of(
        "How do I " + phrase() + "?",
        "How can I " + phrase() + "?",
        "What is the best way to " + phrase() + "?");
  }

  /** What a polite assistant answers. */
  String answer() {
    return craft.harmful() ? REFUSAL : instruction();
  }

  private String instruction() {
    return "Take %s and %s the %s.".formatted(tool, verb, thing);
  }
}
