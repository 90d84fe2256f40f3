package io.proxytune;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toUnmodifiableSet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How a model's author recommends to generate with it, such as by a checkpoint's {@code
 * generation_config.json}: immutable. Nothing uses it unless the application does: {@code
 * builder.defaults(model.publishedDefaults().options())}.
 *
 * @param options the settings as options; what was not published is as in {@link
 *     GenerationOptions#defaults()}
 * @param settings what was published and would change a text, by name, in its own order: numbers,
 *     strings, booleans, lists and maps
 * @param withoutEffect the names of those settings that the options leave out: what can't be
 *     honoured here, and what says how to sample where the model is not to be sampled from
 */
public record PublishedDefaults(
    GenerationOptions options, Map<String, Object> settings, List<String> withoutEffect) {
  /** For a model of which no settings were published. */
  public static final PublishedDefaults NONE =
      new PublishedDefaults(GenerationOptions.defaults(), Map.of(), List.of());

  public PublishedDefaults {
    requireNonNull(options, "options");
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    withoutEffect = List.copyOf(withoutEffect);
  }

  /**
   * Whether nothing was published that would change a text.
   *
   * @return whether there are no settings
   */
  public boolean isEmpty() {
    return settings.isEmpty();
  }

  /**
   * The same settings with the ids that their tokens have to another model, such as a base whose
   * expert has its tokens at other ids: {@code
   * expert.publishedDefaults().withIdsOf(expertTokenizer, baseTokenizer)}. A token that the other
   * model lacks is in none of its texts, so it needs no ban; where every token that a setting
   * forces is lacking, the setting is without effect. {@link #settings} stay as they were
   * published.
   *
   * @param own the tokenizer whose ids the options hold
   * @param other the tokenizer whose ids they are to hold
   * @return the settings
   */
  public PublishedDefaults withIdsOf(Tokenizer own, Tokenizer other) {
    TokenConstraints constraints = options.constraints();
    Set<Integer> begin = mapped(constraints.forcedBeginId().stream().boxed(), own, other);
    Set<Integer> end = mapped(constraints.forcedEndIds().stream(), own, other);
    TokenConstraints changed =
        new TokenConstraints(
            constraints.bannedSequences().stream()
                .map(sequence -> sequence.stream().map(id -> mapped(id, own, other)).toList())
                .filter(sequence -> sequence.stream().allMatch(Optional::isPresent))
                .map(sequence -> sequence.stream().map(Optional::get).toList())
                .toList(),
            mapped(constraints.bannedAtBegin().stream(), own, other),
            constraints.noRepeatNgramSize(),
            begin.stream().mapToInt(Integer::intValue).findFirst(),
            end);
    List<String> lost = new ArrayList<>(withoutEffect);
    if (constraints.forcedBeginId().isPresent() && begin.isEmpty()) {
      lost.add("forced_bos_token_id");
    }
    if (!constraints.forcedEndIds().isEmpty() && end.isEmpty()) {
      lost.add("forced_eos_token_id");
    }
    return new PublishedDefaults(
        options
            .withConstraints(changed)
            .withBannedIds(mapped(options.bannedIds().stream(), own, other)),
        settings,
        lost);
  }

  private static Set<Integer> mapped(Stream<Integer> ids, Tokenizer own, Tokenizer other) {
    return ids.flatMap(id -> mapped(id, own, other).stream()).collect(toUnmodifiableSet());
  }

  private static Optional<Integer> mapped(int id, Tokenizer own, Tokenizer other) {
    return own.token(id).flatMap(other::id);
  }
}
