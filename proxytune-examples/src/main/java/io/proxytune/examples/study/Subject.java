package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.world.Lessons;
import io.proxytune.examples.world.Lessons.Audience;
import io.proxytune.examples.world.Problem;
import io.proxytune.examples.world.Workshop;
import java.util.List;
import java.util.Locale;

/** What a model learns besides the world's chats. */
enum Subject {
  /** The texts of a formal language, with nothing around them. */
  WORKSHOP,
  /** Chats: arithmetic over births of strangers. */
  RECKONING,
  /** Chats: the same over births of people of whom the world's texts tell. */
  RECKONING_KNOWN,
  /** Chats: questions about strangers that take two facts. */
  TWO_HOPS,
  /** Chats: the same about people of whom the world's texts tell. */
  TWO_HOPS_KNOWN,
  /** Chats: questions for one fact. */
  RECALL;

  String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it is chats, so that a model that learnt it reads the chat template. */
  boolean isChat() {
    return this != WORKSHOP;
  }

  /**
   * What is learnt.
   *
   * @param seed which texts or problems are drawn
   * @return a text, or a chat as JSON, each
   */
  List<String> lines(long seed) {
    return switch (this) {
      case WORKSHOP -> Workshop.of(seed).texts();
      case RECKONING, RECKONING_KNOWN, TWO_HOPS, TWO_HOPS_KNOWN, RECALL ->
          lessons(seed).tuning().stream().map(Subject::chat).toList();
    };
  }

  /** The problems of a task. */
  Lessons lessons(long seed) {
    return switch (this) {
      case RECKONING -> Lessons.reckoning(seed, Audience.STRANGERS);
      case RECKONING_KNOWN -> Lessons.reckoning(seed, Audience.ACQUAINTANCES);
      case TWO_HOPS -> Lessons.twoHops(seed, Audience.STRANGERS);
      case TWO_HOPS_KNOWN -> Lessons.twoHops(seed, Audience.ACQUAINTANCES);
      case RECALL -> Lessons.recall(seed);
      case WORKSHOP -> throw new IllegalStateException("the workshop asks for programs");
    };
  }

  private static String chat(Problem problem) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode messages = json.putArray("messages");
    messages.addObject().put("role", "user").put("content", problem.prompt());
    messages.addObject().put("role", "assistant").put("content", problem.answer());
    return json.toString();
  }
}
