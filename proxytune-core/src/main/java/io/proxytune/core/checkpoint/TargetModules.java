package io.proxytune.core.checkpoint;

import com.google.common.primitives.Ints;
import io.proxytune.core.config.ConfigJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which modules of a model an adapter is for, by PEFT's rules: {@code target_modules} as a list of
 * names or ends of names, as one regular expression for whole names, or as {@code all-linear}.
 * Immutable.
 */
final class TargetModules {
  private static final String KEY = "target_modules";
  private static final String ALL_LINEAR = "all-linear";

  /** Where no {@code layers_pattern} says otherwise, the first number is the layer's. */
  private static final Pattern ANY_LAYERS = Pattern.compile(".*?\\.[^.]*\\.(\\d+)\\.");

  private final Predicate<String> targeted;

  private TargetModules(Predicate<String> targeted) {
    this.targeted = targeted;
  }

  /**
   * Reads the keys that select modules.
   *
   * @param left the modules that {@code all-linear} leaves out
   */
  static TargetModules read(ConfigJson config, Set<String> left) {
    Predicate<String> named = named(config, left);
    return new TargetModules(named.and(excluded(config).negate()));
  }

  boolean contains(String module) {
    return targeted.test(module);
  }

  private static Predicate<String> named(ConfigJson config, Set<String> left) {
    if (!config.isText(KEY)) {
      List<String> names =
          config.texts(KEY).orElseThrow(() -> config.refusal(KEY, "a list or a pattern of names"));
      return endsWithOneOf(names).and(inLayers(config));
    }
    String text = config.text(KEY).orElseThrow();
    return text.toLowerCase(Locale.ROOT).equals(ALL_LINEAR)
        ? module -> !left.contains(module)
        : ModulePattern.compile(config, KEY, text, "", "")::matches;
  }

  private static Predicate<String> excluded(ConfigJson config) {
    String key = "exclude_modules";
    if (config.isText(key)) {
      String text = config.text(key).orElseThrow();
      return text.isEmpty()
          ? module -> false
          : ModulePattern.compile(config, key, text, "", "")::matches;
    }
    return endsWithOneOf(config.texts(key).orElse(List.of()));
  }

  private static Predicate<String> endsWithOneOf(List<String> names) {
    return module ->
        names.stream().anyMatch(name -> module.equals(name) || module.endsWith("." + name));
  }

  private static Predicate<String> inLayers(ConfigJson config) {
    Set<Integer> layers = config.naturals("layers_to_transform").orElse(Set.of());
    if (layers.isEmpty()) {
      return module -> true;
    }
    List<Function<String, Optional<String>>> patterns = layerPatterns(config);
    return module -> layer(module, patterns).filter(layers::contains).isPresent();
  }

  /** What finds a layer's number in a module's name. */
  private static List<Function<String, Optional<String>>> layerPatterns(ConfigJson config) {
    String key = "layers_pattern";
    if (!config.isSet(key)) {
      return List.of(TargetModules::firstNumber);
    }
    List<String> names =
        config.isText(key) ? config.text(key).stream().toList() : config.texts(key).orElseThrow();
    List<Function<String, Optional<String>>> patterns = new ArrayList<>();
    for (String name : names) {
      patterns.add(
          ModulePattern.compile(config, key, name, "(?:^|.*?\\.)", "\\.(\\d+)\\.")::lastGroup);
    }
    return patterns;
  }

  private static Optional<String> firstNumber(String module) {
    Matcher matcher = ANY_LAYERS.matcher(module);
    return matcher.lookingAt() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static Optional<Integer> layer(
      String module, List<Function<String, Optional<String>>> patterns) {
    return patterns.stream()
        .flatMap(pattern -> pattern.apply(module).stream())
        .findFirst()
        .map(Ints::tryParse);
  }
}
