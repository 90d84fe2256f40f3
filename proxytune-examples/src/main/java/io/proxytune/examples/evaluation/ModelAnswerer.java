package io.proxytune.examples.evaluation;

import com.google.common.collect.Lists;
import io.proxytune.ChatMessage;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import java.util.List;
import java.util.function.Consumer;

/** A system that decodes greedily, many texts at once. */
public final class ModelAnswerer implements Answerer {
  /** More at once cost memory for KV caches and save little time. */
  private static final int BATCH = 64;

  /** Room for a longer text than the answer, so that what is said after it shows. */
  private static final int SPARE_TOKENS = 8;

  private final SystemId id;
  private final ProxyTuner tuner;
  private final boolean templated;
  private final Speculation speculation;
  private final Consumer<Generation> listener;

  /**
   * Makes an answerer that drafts nothing and closes the tuner.
   *
   * @param templated whether the experts, or a model that answers alone, read the chat template;
   *     the plain message otherwise
   */
  public ModelAnswerer(SystemId id, ProxyTuner tuner, boolean templated) {
    this(id, tuner, templated, Speculation.off(), generation -> {});
  }

  /**
   * The same with drafts, and heard.
   *
   * @param speculation how texts are drafted, which changes none
   * @param listener gets every text that is written; of choices it hears nothing
   */
  public ModelAnswerer(
      SystemId id,
      ProxyTuner tuner,
      boolean templated,
      Speculation speculation,
      Consumer<Generation> listener) {
    this.id = id;
    this.tuner = tuner;
    this.templated = templated;
    this.speculation = speculation;
    this.listener = listener;
  }

  @Override
  public SystemId id() {
    return id;
  }

  /** What decodes. */
  public ProxyTuner tuner() {
    return tuner;
  }

  /** What the models read of a user's message. */
  public Prompt prompt(String message) {
    return templated ? Prompt.chat(ChatMessage.user(message)) : Prompt.of(message);
  }

  @Override
  public List<Reply> answer(List<Item> items) {
    if (items.stream().anyMatch(Item::isChoice)) {
      return items.stream().map(this::choose).toList();
    }
    GenerationOptions options =
        GenerationOptions.defaults().withSpeculation(speculation).withMaxNewTokens(longest(items));
    return Lists.partition(items, BATCH).stream()
        .flatMap(batch -> tuner.generateAll(prompts(batch), options).stream())
        .peek(listener)
        .map(ModelAnswerer::reply)
        .toList();
  }

  private List<Prompt> prompts(List<Item> items) {
    return items.stream().map(item -> prompt(item.prompt())).toList();
  }

  private int longest(List<Item> items) {
    return SPARE_TOKENS
        + items.stream()
            .mapToInt(item -> tuner.tokenizer().encode(item.answer(), false).length)
            .max()
            .orElse(1);
  }

  private static Reply reply(Generation generation) {
    return new Reply(generation.text(), generation.finishReason() == FinishReason.END_OF_TEXT);
  }

  /** Options are words of their own, whatever the prompt ends with. */
  private Reply choose(Item item) {
    List<String> spaced = item.options().stream().map(option -> " " + option).toList();
    int index = tuner.choose(prompt(item.prompt()), spaced).index();
    return new Reply(item.options().get(index), true);
  }

  @Override
  public void close() {
    tuner.close();
  }
}
