package io.proxytune.core.prompt;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.Maps;
import com.google.common.primitives.Ints;
import io.proxytune.Prompt;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.prompt.PromptEncoder.PromptText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Says which ids follow a prompt where a text follows it. Several texts are treated alike: all of
 * them follow the same ids, so that their probabilities can be compared.
 *
 * <p>Prompt and continuation are encoded as one text. What the encodings have in common with the
 * prompt's own is read, and what comes after it is scored: a token that spans the border belongs to
 * the continuation, and so does whitespace at the end of a plain text, which most tokenizers join
 * with the word after it. Where the models' prompts do not end alike, or are ids, the continuation
 * begins at the border; see {@link BorderEncoder}.
 */
public final class ContinuationEncoder {
  private final Ensemble ensemble;

  /** What each role reads as a text; nothing where that is ids. */
  private final Map<ModelRole, Optional<PromptText>> prompts;

  /** The same as ids. */
  private final Map<ModelRole, int[]> promptIds;

  /**
   * Prepares encoding.
   *
   * @param ensemble the models
   * @param prompt what the texts follow
   * @throws IllegalArgumentException if a model can't read its prompt
   */
  public ContinuationEncoder(Ensemble ensemble, Prompt prompt) {
    this.ensemble = ensemble;
    PromptEncoder encoder = new PromptEncoder(ensemble.steered());
    this.prompts = byRole(role -> encoder.text(prompt, role));
    this.promptIds = byRole(role -> encoder.encode(prompt, role));
  }

  /**
   * What is read, and what is scored after it.
   *
   * @param prompts each role's ids
   * @param continuations the ids of each text
   */
  public record Encoded(Map<ModelRole, int[]> prompts, List<int[]> continuations) {}

  /**
   * Encodes continuations of the prompt.
   *
   * @param texts the texts
   * @return their ids, and those that come before
   * @throws IllegalArgumentException if one is empty or has no tokens
   */
  public Encoded encode(List<String> texts) {
    texts.forEach(text -> checkArgument(!text.isEmpty(), "the continuation to score is empty"));
    Encoded encoded =
        together(texts, trailingSpace())
            .or(() -> together(texts, ""))
            .orElseGet(() -> atBorder(texts));
    for (int i = 0; i < texts.size(); i++) {
      checkArgument(
          encoded.continuations.get(i).length > 0,
          "the continuation '%s' has no tokens",
          texts.get(i));
    }
    return encoded;
  }

  private <T> Map<ModelRole, T> byRole(Function<ModelRole, T> value) {
    return roles().collect(toImmutableMap(role -> role, value));
  }

  private Optional<PromptText> text(ModelRole role) {
    return requireNonNull(prompts.get(role));
  }

  private int[] ids(ModelRole role) {
    return requireNonNull(promptIds.get(role));
  }

  /** Those that may be run. */
  private Stream<ModelRole> roles() {
    return Stream.concat(
        Stream.of(ensemble.base()),
        ensemble.pairs().stream()
            .filter(pair -> pair.alpha() != 0 || ensemble.choosesCandidates(pair))
            .flatMap(SteeringPair::roles));
  }

  /** The whitespace that the base's plain text ends with, if all prompts end with it. */
  private String trailingSpace() {
    Optional<PromptText> text = text(ensemble.base()).filter(PromptText::plain);
    String space = text.map(t -> trailingSpace(t.text())).orElse("");
    boolean everywhere =
        prompts.values().stream()
            .allMatch(
                each ->
                    each.filter(t -> t.text().endsWith(space) && !t.text().equals(space))
                        .isPresent());
    return everywhere ? space : "";
  }

  private static String trailingSpace(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(end);
  }

  /** As other evaluations of models count whitespace: no-break spaces and U+0085 too. */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /**
   * Encodes prompt and continuation as one text.
   *
   * @param space what prompts end with that is scored with the continuation
   * @return nothing where the prompt is ids, or the models can't all go back to what the encodings
   *     have in common
   */
  private Optional<Encoded> together(List<String> texts, String space) {
    ModelRole base = ensemble.base();
    Optional<PromptText> prefix = text(base).map(text -> without(space, text));
    if (prefix.isEmpty()) {
      return Optional.empty();
    }
    int[] context = encode(prefix.get(), base);
    List<int[]> wholes = new ArrayList<>();
    int common = context.length;
    for (String text : texts) {
      String whole = prefix.get().text() + space + text;
      wholes.add(encode(new PromptText(whole, prefix.get().plain()), base));
      common = Math.min(common, commonPrefix(context, wholes.get(wholes.size() - 1)));
    }
    int kept = common;
    int[] dropped = Arrays.copyOfRange(context, kept, context.length);
    Map<ModelRole, int[]> read = byRole(role -> ids(role, space));
    boolean alike = read.values().stream().allMatch(ids -> goesOnBefore(ids, dropped));
    return alike
        ? Optional.of(
            new Encoded(
                Maps.transformValues(read, ids -> dropLast(ids, dropped.length)),
                wholes.stream().map(ids -> Arrays.copyOfRange(ids, kept, ids.length)).toList()))
        : Optional.empty();
  }

  private static PromptText without(String space, PromptText text) {
    String kept = text.text().substring(0, text.text().length() - space.length());
    return new PromptText(kept, text.plain());
  }

  private int[] ids(ModelRole role, String space) {
    return text(role).map(text -> encode(without(space, text), role)).orElseGet(() -> ids(role));
  }

  /** Without the special tokens that some tokenizers put behind every text. */
  private static int[] encode(PromptText text, ModelRole role) {
    Tokenizer tokenizer = role.requireTokenizer();
    PromptEncoder.requireFit(text.text(), role, "the prompt with its continuation");
    int[] ids = tokenizer.encode(text.text(), text.plain());
    if (!text.plain() || ids.length == 0 || !tokenizer.isSpecial(ids[ids.length - 1])) {
      return ids;
    }
    List<Integer> bare = Ints.asList(tokenizer.encode(text.text(), false));
    int start = Collections.indexOfSubList(Ints.asList(ids), bare);
    return start < 0 || bare.isEmpty() ? ids : Arrays.copyOf(ids, start + bare.size());
  }

  private static int commonPrefix(int[] first, int[] second) {
    int mismatch = Arrays.mismatch(first, second);
    return mismatch < 0 ? first.length : mismatch;
  }

  private static boolean goesOnBefore(int[] ids, int[] end) {
    int start = ids.length - end.length;
    return start > 0 && Arrays.equals(ids, start, ids.length, end, 0, end.length);
  }

  private static int[] dropLast(int[] ids, int count) {
    return Arrays.copyOf(ids, ids.length - count);
  }

  private Encoded atBorder(List<String> texts) {
    ModelRole base = ensemble.base();
    texts.forEach(text -> PromptEncoder.requireFit(text, base, "the continuation of the prompt"));
    BorderEncoder border = new BorderEncoder(base.requireTokenizer(), ids(base));
    return new Encoded(promptIds, texts.stream().map(border::encode).toList());
  }
}
