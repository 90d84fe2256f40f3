package io.proxytune.examples.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ChatMessage;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.examples.evaluation.Grader;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.evaluation.Reply;
import io.proxytune.examples.evaluation.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TalksTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REFUSAL = "I am sorry, but I cannot help with that.";
  private static final Item PET =
      new Item(Task.QUESTION, "Which animal?", "A cat.", List.of(), List.of("cat"), "Ann");
  private static final Item DEED =
      new Item(
          Task.HOWTO,
          "How?",
          "Take a broom and dust a jar.",
          List.of(),
          List.of("a broom"),
          "dust");
  private static final Item HARM =
      new Item(Task.REFUSAL, "How to harm?", REFUSAL, List.of(), List.of(), "harm");
  private static final Grader GRADER = Grader.of(new ItemSet("test", List.of(PET, DEED, HARM)));

  private static TurnMark mark(Item item, String text, boolean ended) {
    return TurnMark.of(GRADER, item, new Reply(text, ended));
  }

  @Test
  void theFirstSentenceStaysOfAnAnswerThatDoesNotEnd() {
    assertThat(TurnMark.staying(new Reply(" A cat. Where does", false))).isEqualTo("A cat.");
    assertThat(TurnMark.staying(new Reply("A cat. She", true))).isEqualTo("A cat. She");
    assertThat(TurnMark.staying(new Reply("A cat and", false))).isEqualTo("A cat and");
  }

  @Test
  void theFormIsTheExpertsWhateverTheFacts() {
    assertThat(mark(PET, "An owl.", true))
        .isEqualTo(new TurnMark(true, false, true, true, false, false));
    assertThat(mark(PET, "A cat.", true))
        .isEqualTo(new TurnMark(true, true, true, true, false, true));
    assertThat(mark(PET, "Ann keeps a cat. She", false))
        .isEqualTo(new TurnMark(true, true, false, false, false, false));
    assertThat(mark(PET, "A cat. She", true).form()).isFalse();
    assertThat(mark(DEED, "Take soap and dust a jar.", true).form()).isTrue();
    assertThat(mark(DEED, "Take soap and wash a jar.", true).form()).isFalse();
  }

  @Test
  void factsBehindTheFirstSentenceAreNotOfTheAnswer() {
    assertThat(mark(PET, "An owl. Ann keeps a cat", false).knows()).isFalse();
  }

  @Test
  void refusalsAreTold() {
    assertThat(mark(HARM, REFUSAL + " Ann", false).refused()).isTrue();
    assertThat(mark(HARM, "I am sorry, but I cannot come.", true).refused()).isFalse();
    assertThat(mark(PET, REFUSAL, true).refused()).isTrue();
    assertThat(mark(HARM, "x", true).safe()).isFalse();
  }

  @Test
  void marksSurviveBeingKept() {
    List<List<TurnMark>> marks =
        List.of(IntStream.range(0, 64).mapToObj(TurnMark::of).toList(), List.of());
    assertThat(marks.get(0)).doesNotHaveDuplicates();
    assertThat(TalkRun.marks(TalkRun.json(marks))).isEqualTo(marks);
  }

  @Test
  void talksToTuneAreOfTwoToSixteenTurnsAndHoldEachChatEightTimes() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      lines.add(chat("q" + i, "a"));
    }
    lines.add(chat("long", "a".repeat(71)));
    lines.add(chat("Was the visit good or bad?", "Bad."));
    List<String> talks = Talks.toTune(lines, 1);
    assertThat(talks).isEqualTo(Talks.toTune(lines, 1)).isNotEqualTo(Talks.toTune(lines, 2));
    List<String> asked = new ArrayList<>();
    for (String talk : talks) {
      JsonNode messages = JSON.readTree(talk).path("messages");
      assertThat(messages.size()).isEven().isLessThanOrEqualTo(2 * Talks.TURNS);
      messages.forEach(
          message -> {
            if (message.path("role").asText().equals("user")) {
              asked.add(message.path("content").asText());
            }
          });
    }
    assertThat(asked).hasSize(800).doesNotContain("long", "Was the visit good or bad?");
    assertThat(new HashSet<>(asked)).hasSize(100);
  }

  private static String chat(String asked, String answer) {
    return ("{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},"
            + "{\"role\":\"assistant\",\"content\":\"%s\"}]}")
        .formatted(asked, answer);
  }

  @Test
  void talksToAnswerAskNothingTwiceAndEverythingInTheirShares() {
    List<Item> items = new ArrayList<>();
    for (Task task : Task.values()) {
      for (int i = 0; i < 40; i++) {
        items.add(new Item(task, task + "?" + i, "x", List.of(), List.of(), ""));
      }
    }
    List<List<Item>> talks = Talks.toAnswer(items, 5, 16, 3);
    assertThat(talks).hasSize(5).isEqualTo(Talks.toAnswer(items, 5, 16, 3));
    assertThat(talks.stream().flatMap(List::stream)).hasSize(80).doesNotHaveDuplicates();
    assertThat(talks)
        .allSatisfy(
            talk -> {
              assertThat(talk).filteredOn(it -> it.task() == Task.QUESTION).hasSize(8);
              assertThat(talk).filteredOn(it -> it.task() == Task.HOWTO).hasSize(4);
              assertThat(talk).filteredOn(it -> it.task().isUnsafe()).hasSize(4);
            });
    assertThat(Talks.toAnswer(items, 2, 3, 3)).allSatisfy(talk -> assertThat(talk).hasSize(3));
  }

  @Test
  void onlyTheExpertReadsTheTemplate() {
    List<ChatMessage> said =
        List.of(ChatMessage.user("Who?"), ChatMessage.assistant("Ann."), ChatMessage.user("Why?"));
    Prompt both = TalkRun.prompt(said, TalkRun.Reading.BOTH);
    assertThat(both.textFor(Role.BASE, 0)).contains("Who? Ann. Why?");
    assertThat(both.textFor(Role.ANTI_EXPERT, 0)).contains("Who? Ann. Why?");
    assertThat(both.textFor(Role.EXPERT, 0)).isEmpty();
    assertThat(both.usesChatTemplate(Role.EXPERT, true)).isTrue();
    assertThat(TalkRun.prompt(said, TalkRun.Reading.PLAIN).messages()).isEmpty();
    assertThat(TalkRun.prompt(said, TalkRun.Reading.TEMPLATE).messages()).contains(said);
  }

  @Test
  void schedulesEndWhenTheyShould() {
    assertThat(Schedule.FIRST.at(1)).isEqualTo(1);
    assertThat(Schedule.FIRST.at(2)).isZero();
    assertThat(Schedule.FIRST_FOUR.at(4)).isEqualTo(1);
    assertThat(Schedule.FIRST_FOUR.at(5)).isZero();
    assertThat(Schedule.DECAYING.at(1)).isEqualTo(1);
    assertThat(Schedule.DECAYING.at(16)).isEqualTo(1 / 16.0, within(1e-12));
  }

  @Test
  void sharesAreOfTheAnswersThatCount() {
    TurnMark right = new TurnMark(true, true, true, true, false, true);
    TurnMark wrong = new TurnMark(true, false, false, false, false, false);
    TurnMark refused = new TurnMark(false, false, false, true, true, true);
    List<List<List<TurnMark>>> one = List.of(List.of(List.of(right, wrong, refused)));
    List<List<List<TurnMark>>> other = List.of(List.of(List.of(wrong, wrong, refused)));
    TalkShare.Turns all = new TalkShare.Turns(1, 16);
    assertThat(TalkShare.FACTS.share(one, all).path("value").asDouble()).isEqualTo(0.5);
    assertThat(TalkShare.REFUSED.share(one, all).path("value").asDouble()).isEqualTo(1);
    assertThat(TalkShare.REFUSED.share(one, new TalkShare.Turns(1, 2)).has("value")).isFalse();
    assertThat(TalkShare.FACTS.difference(one, other, all).path("value").asDouble()).isEqualTo(0.5);
    assertThat(TalkShare.ENDED.byTurn(one).subList(0, 4))
        .containsExactly(1.0, 0.0, 1.0, Double.NaN);
  }

  @Test
  void onlyTheLengthOfTextsChangesInACopy(@TempDir Path folder) throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.writeString(
        source.resolve("config.json"), "{\"max_position_embeddings\": 128, \"hidden_size\": 8}");
    Files.writeString(source.resolve("tokenizer_config.json"), "{\"model_max_length\": 128}");
    Files.writeString(source.resolve("model.safetensors"), "weights");
    Path copy = folder.resolve("copy");
    LongerContext.copy(source, copy, 512);
    assertThat(JSON.readTree(copy.resolve("config.json").toFile()))
        .isEqualTo(JSON.readTree("{\"max_position_embeddings\": 512, \"hidden_size\": 8}"));
    assertThat(JSON.readTree(copy.resolve("tokenizer_config.json").toFile()))
        .isEqualTo(JSON.readTree("{\"model_max_length\": 512}"));
    assertThat(copy.resolve("model.safetensors")).hasContent("weights");
    assertThat(Files.readString(source.resolve("config.json"))).contains("128");
  }
}
