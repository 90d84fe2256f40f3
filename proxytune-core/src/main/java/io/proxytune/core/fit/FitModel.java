package io.proxytune.core.fit;

import io.proxytune.Role;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One folder of a report: immutable.
 *
 * @param name the folder's name, or the model's on the Hub
 * @param folder where it is
 * @param adapter whether it is a LoRA adapter
 * @param host the index in the report of the model that an adapter is put on, if it is there
 * @param facts what it is; nothing where it can't be loaded
 * @param problem why it can't be loaded, or is of no use to the others
 * @param roles what it can be to the others
 */
public record FitModel(
    String name,
    Path folder,
    boolean adapter,
    OptionalInt host,
    Optional<ModelFacts> facts,
    Optional<String> problem,
    Set<Role> roles) {
  public FitModel {
    roles = Collections.unmodifiableSet(roles.isEmpty() ? Set.of() : EnumSet.copyOf(roles));
  }

  /**
   * Names models in a text.
   *
   * @param indices indices in a report, each below 26 for a letter
   * @return {@code A}, {@code A and B}, or {@code A, B and C}
   */
  static String letters(List<Integer> indices) {
    List<String> letters = indices.stream().map(FitModel::letter).toList();
    int last = letters.size() - 1;
    return last < 1
        ? String.join("", letters)
        : String.join(", ", letters.subList(0, last)) + " and " + letters.get(last);
  }

  /**
   * What a model is called in a report.
   *
   * @param index its index, at least 0
   * @return {@code A} for the first one, and so on; a number after {@code Z}
   */
  public static String letter(int index) {
    return index < 26 ? String.valueOf((char) ('A' + index)) : String.valueOf(index + 1);
  }
}
