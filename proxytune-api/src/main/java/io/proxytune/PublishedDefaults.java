package io.proxytune;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
}
