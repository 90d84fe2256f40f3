package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.examples.evaluation.Grader;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.evaluation.Mark;
import io.proxytune.examples.evaluation.Reply;
import io.proxytune.examples.evaluation.SystemId;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.model.LogitModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The texts that diffusion models write to a set of questions, kept. For one thread. */
final class DiffusionTexts {
  /** The ids that the chat template adds: whose turn it is, and whose comes next. */
  private static final int OF_TEMPLATE = 2;

  private final Laboratory lab;
  private final ItemSet set;

  DiffusionTexts(Laboratory lab, Use use) {
    this.lab = lab;
    this.set = lab.set(use);
  }

  /** How many texts a system writes. */
  int count() {
    return set.items().size();
  }

  /** A system's marks; every answer is written, also where options are given. */
  SystemResult marks(Mix mix, Denoising.Way way) {
    Grader grader = Grader.of(set);
    Tokenizer tokenizer = tokenizer(mix.base());
    int end = tokenizer.id(Diffusion.END).orElseThrow();
    Map<Task, List<Mark>> marks = new LinkedHashMap<>();
    List<int[]> texts = texts(mix, way);
    for (int i = 0; i < texts.size(); i++) {
      Item item = set.items().get(i);
      marks
          .computeIfAbsent(item.task(), task -> new ArrayList<>())
          .add(grader.mark(item, reply(tokenizer, texts.get(i), end)));
    }
    return new SystemResult(SystemId.PROXY, marks);
  }

  private static Reply reply(Tokenizer tokenizer, int[] text, int end) {
    int length = 0;
    while (length < text.length && text[length] != end) {
      length++;
    }
    return new Reply(tokenizer.decode(Arrays.copyOf(text, length), true), length < text.length);
  }

  /** The share of places at which a system writes the same in two ways. */
  double agreement(Mix mix, Denoising.Way way, Denoising.Way otherWay) {
    List<int[]> ones = texts(mix, way);
    List<int[]> others = texts(mix, otherWay);
    long same = 0;
    long all = 0;
    for (int i = 0; i < ones.size(); i++) {
      for (int place = 0; place < ones.get(i).length; place++) {
        same += ones.get(i)[place] == others.get(i)[place] ? 1 : 0;
        all++;
      }
    }
    return (double) same / all;
  }

  /** How many texts two systems write alike. */
  int same(Mix one, Mix other, Denoising.Way way) {
    List<int[]> ones = texts(one, way);
    List<int[]> others = texts(other, way);
    int same = 0;
    for (int i = 0; i < ones.size(); i++) {
      same += Arrays.equals(ones.get(i), others.get(i)) ? 1 : 0;
    }
    return same;
  }

  private List<int[]> texts(Mix mix, Denoising.Way way) {
    JsonNode part = lab.kept(mix, way + " " + set.items(), () -> written(mix, way));
    List<int[]> texts = new ArrayList<>();
    for (JsonNode text : part.path("texts")) {
      int[] ids = new int[text.size()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = text.path(i).asInt();
      }
      texts.add(ids);
    }
    return texts;
  }

  private ObjectNode written(Mix mix, Denoising.Way way) {
    boolean chat = mix.base().isTuned();
    Denoising.Reader base = new Denoising.Reader(lab.model(mix.base()), prompts(mix.base(), chat));
    Optional<Denoising.Pair> pair =
        mix.pulls().stream()
            .findFirst()
            .map(
                pull -> {
                  List<int[]> prompts = prompts(pull.expert(), pull.expert().isTuned());
                  return new Denoising.Pair(
                      new Denoising.Reader(lab.model(pull.expert()), prompts),
                      new Denoising.Reader(lab.model(pull.against().orElseThrow()), prompts),
                      pull.weight());
                });
    Tokenizer tokenizer = tokenizer(mix.base());
    Denoising.Ids known =
        new Denoising.Ids(
            tokenizer.id(Diffusion.MASK).orElseThrow(), tokenizer.id(Diffusion.END).orElseThrow());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode texts = json.putArray("texts");
    for (int[] text : new Denoising(base, pair, rooms(mix.base()), known).texts(way)) {
      ArrayNode ids = texts.addArray();
      Arrays.stream(text).forEach(ids::add);
    }
    return json;
  }

  /** The same for all systems: what a chat's prompt leaves, which is the longest. */
  private List<Integer> rooms(Made model) {
    return prompts(model, false).stream()
        .map(plain -> Diffusion.POSITIONS + 1 - (plain.length + OF_TEMPLATE))
        .toList();
  }

  private List<int[]> prompts(Made model, boolean chat) {
    Tokenizer tokenizer = tokenizer(model);
    return set.items().stream()
        .map(
            item ->
                chat
                    ? tokenizer.encode(
                        tokenizer.renderChat(
                            List.of(ChatMessage.user(item.prompt())), true, Map.of()),
                        false)
                    : tokenizer.encode(item.prompt(), true))
        .toList();
  }

  private Tokenizer tokenizer(Made made) {
    LogitModel model = lab.model(made);
    return model.tokenizer().orElseThrow();
  }
}
