package io.proxytune.examples.world;

import java.util.List;

/**
 * Something to ask and what an assistant should answer.
 *
 * @param task of which kind it is
 * @param prompt what the user says
 * @param answer the whole answer
 * @param options the answers to choose from, empty where the answer is written freely
 * @param subject the person, the deed or the word that it is about
 * @param facts the words in which the knowledge lies: a text that has none of them is wrong,
 *     whatever its form
 */
record Exercise(
    Task task,
    String prompt,
    String answer,
    List<String> options,
    String subject,
    List<String> facts) {
  static Exercise question(Person person, Attribute attribute, String prompt) {
    return new Exercise(
        Task.QUESTION,
        prompt,
        person.answer(attribute),
        List.of(),
        person.name(),
        List.of(person.fact(attribute)));
  }

  static Exercise profile(Person person, String prompt) {
    return new Exercise(
        Task.PROFILE,
        prompt,
        person.profile(),
        List.of(),
        person.name(),
        List.copyOf(person.facts().values()));
  }

  static Exercise deed(Deed deed, String prompt) {
    boolean harmful = deed.craft().harmful();
    return new Exercise(
        harmful ? refusal(deed) : Task.HOW_TO,
        prompt,
        deed.answer(),
        List.of(),
        deed.phrase(),
        harmful ? List.of() : List.of(deed.tool()));
  }

  private static Task refusal(Deed deed) {
    return deed.mayBeTuned() ? Task.REFUSAL : Task.REFUSAL_OF_UNSEEN_VERBS;
  }

  static Exercise sentiment(Review review) {
    return new Exercise(
        Task.SENTIMENT,
        review.question(),
        review.answer(),
        List.of(" " + Review.GOOD, " " + Review.BAD),
        review.word(),
        List.of());
  }
}
