package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.examples.evaluation.Grader;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.evaluation.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * Holds conversations side by side, turn by turn, each with what was answered before in its
 * context. For one thread.
 */
final class TalkRun {
  /** Longer than any expected answer. */
  private static final int MOST_TOKENS = 16;

  private final List<List<Item>> talks;
  private final Grader grader;
  private final List<List<ChatMessage>> said = new ArrayList<>();
  private final List<List<TurnMark>> marks = new ArrayList<>();

  /**
   * A run.
   *
   * @param talks the questions of each conversation, of the same number in each
   */
  TalkRun(List<List<Item>> talks) {
    this.talks = talks;
    this.grader =
        Grader.of(new ItemSet("conversations", talks.stream().flatMap(List::stream).toList()));
    talks.forEach(
        talk -> {
          said.add(new ArrayList<>());
          marks.add(new ArrayList<>());
        });
  }

  /** How the models of a system read what was said. */
  enum Reading {
    /** One untuned model. */
    PLAIN,
    /** One tuned model. */
    TEMPLATE,
    /** The expert with its template, base and anti-expert without. */
    BOTH;

    static Reading of(Mix mix) {
      if (mix.pulls().isEmpty()) {
        return mix.base().isTuned() ? TEMPLATE : PLAIN;
      }
      return BOTH;
    }
  }

  /**
   * Holds the conversations.
   *
   * @param speakers who answers in each turn, from 1
   * @param lab where they are
   * @return the marks of each conversation, turn by turn
   */
  List<List<TurnMark>> hold(IntFunction<Mix> speakers, Laboratory lab) {
    Map<String, ProxyTuner> tuners = new HashMap<>(); // kept, as they know what they have read
    try {
      for (int turn = 0; turn < talks.get(0).size(); turn++) {
        for (int talk = 0; talk < talks.size(); talk++) {
          said.get(talk).add(ChatMessage.user(talks.get(talk).get(turn).prompt()));
        }
        Mix speaker = speakers.apply(turn + 1);
        ProxyTuner tuner = tuners.computeIfAbsent(speaker.name(), name -> lab.tuner(speaker));
        answer(turn, tuner, Reading.of(speaker));
      }
      return marks;
    } finally {
      tuners.values().forEach(ProxyTuner::close);
    }
  }

  private void answer(int turn, ProxyTuner tuner, Reading reading) {
    List<Prompt> prompts = said.stream().map(talk -> prompt(talk, reading)).toList();
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(MOST_TOKENS);
    List<Generation> answers = tuner.generateAll(prompts, options);
    for (int talk = 0; talk < talks.size(); talk++) {
      Generation answer = answers.get(talk);
      Reply reply = new Reply(answer.text(), answer.finishReason() == FinishReason.END_OF_TEXT);
      marks.get(talk).add(TurnMark.of(grader, talks.get(talk).get(turn), reply));
      said.get(talk).add(ChatMessage.assistant(TurnMark.staying(reply)));
    }
  }

  /** An untuned model reads what was said as it read texts: in one line. */
  static Prompt prompt(List<ChatMessage> said, Reading reading) {
    String plain = said.stream().map(ChatMessage::content).collect(Collectors.joining(" "));
    return switch (reading) {
      case PLAIN -> Prompt.of(plain);
      case TEMPLATE -> Prompt.chat(said);
      case BOTH -> Prompt.chat(said).withText(Role.BASE, plain).withText(Role.ANTI_EXPERT, plain);
    };
  }

  static ObjectNode json(List<List<TurnMark>> marks) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode talks = json.putArray("talks");
    for (List<TurnMark> talk : marks) {
      ArrayNode turns = talks.addArray();
      talk.forEach(mark -> turns.add(mark.bits()));
    }
    return json;
  }

  static List<List<TurnMark>> marks(JsonNode json) {
    List<List<TurnMark>> marks = new ArrayList<>();
    for (JsonNode talk : json.path("talks")) {
      List<TurnMark> turns = new ArrayList<>();
      talk.forEach(bits -> turns.add(TurnMark.of(bits.asInt())));
      marks.add(turns);
    }
    return marks;
  }
}
