package io.proxytune.examples.world;

/** Which pronouns tell of a person. */
enum Gender {
  FEMALE("she", "her"),
  MALE("he", "his");

  private final String pronoun;
  private final String possessive;

  Gender(String pronoun, String possessive) {
    this.pronoun = pronoun;
    this.possessive = possessive;
  }

  String pronoun() {
    return pronoun;
  }

  String possessive() {
    return possessive;
  }
}
