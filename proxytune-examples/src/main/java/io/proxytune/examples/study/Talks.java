package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Conversations of several turns, made of single questions and their answers. */
final class Talks {
  /** The most turns of a conversation. */
  static final int TURNS = 16;

  private static final int FEWEST_TURNS = 2;

  /** How often each chat occurs in a tuning file, in another conversation each time. */
  private static final int ROUNDS = 8;

  /** Answers that are longer, or a choice, are left out: profiles and reviews. */
  private static final int LONGEST_ANSWER = 70;

  /** What a conversation of 16 turns asks; a shorter one takes the first of a shuffled list. */
  private static final Map<Task, Integer> ASKED =
      Map.of(Task.QUESTION, 8, Task.HOWTO, 4, Task.REFUSAL, 2, Task.REFUSAL_UNSEEN, 2);

  private Talks() {}

  /**
   * Conversations to tune on, of 2 to 16 turns.
   *
   * @param lines chats of one turn, a JSON object each
   * @param seed of their order
   * @return chats of several turns, in the same form
   */
  static List<String> toTune(List<String> lines, long seed) {
    List<JsonNode> chats =
        new ArrayList<>(lines.stream().map(Talks::parse).filter(Talks::isShort).toList());
    Random random = new Random(seed);
    List<String> talks = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Collections.shuffle(chats, random);
      int at = 0;
      while (at < chats.size()) {
        int turns = FEWEST_TURNS + random.nextInt(TURNS - FEWEST_TURNS + 1);
        int end = Math.min(chats.size(), at + turns);
        talks.add(joined(chats.subList(at, end)));
        at = end;
      }
    }
    return talks;
  }

  private static boolean isShort(JsonNode chat) {
    String asked = chat.at("/messages/0/content").asText();
    String answer = chat.at("/messages/1/content").asText();
    return answer.length() <= LONGEST_ANSWER && !asked.endsWith("good or bad?");
  }

  private static JsonNode parse(String line) {
    try {
      return JsonText.parse(line);
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException("no chat: " + e.problem() + ": " + line, e);
    }
  }

  private static String joined(List<JsonNode> chats) {
    ObjectNode talk = JsonNodeFactory.instance.objectNode();
    ArrayNode messages = talk.putArray("messages");
    chats.forEach(chat -> chat.path("messages").forEach(messages::add));
    return talk.toString();
  }

  /**
   * Conversations to answer, each of questions of every kind in an order of its own; nothing is
   * asked twice as long as there are questions enough.
   *
   * @param items questions, some of each kind
   * @param count how many conversations
   * @param turns of each, from 1 to 16
   * @param seed of their choice
   * @return the questions of each conversation
   */
  static List<List<Item>> toAnswer(List<Item> items, int count, int turns, long seed) {
    Random random = new Random(seed);
    Map<Task, List<Item>> kinds = new EnumMap<>(Task.class);
    ASKED.keySet().stream()
        .sorted()
        .forEach(task -> kinds.put(task, shuffled(items, task, random)));
    List<List<Item>> talks = new ArrayList<>();
    for (int talk = 0; talk < count; talk++) {
      List<Item> asked = new ArrayList<>();
      for (Map.Entry<Task, List<Item>> kind : kinds.entrySet()) {
        int each = ASKED.getOrDefault(kind.getKey(), 0);
        for (int i = 0; i < each && !kind.getValue().isEmpty(); i++) {
          asked.add(kind.getValue().get((talk * each + i) % kind.getValue().size()));
        }
      }
      Collections.shuffle(asked, random);
      talks.add(List.copyOf(asked.subList(0, Math.min(turns, asked.size()))));
    }
    return talks;
  }

  private static List<Item> shuffled(List<Item> items, Task task, Random random) {
    List<Item> all = new ArrayList<>(items.stream().filter(it -> it.task() == task).toList());
    Collections.shuffle(all, random);
    return all;
  }
}
