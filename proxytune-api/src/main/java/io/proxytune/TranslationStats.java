package io.proxytune;

/**
 * What steering {@linkplain ExpertPair#acrossTokenizers() across tokenizers} took, and what it left
 * out: immutable. All pairs that do so count together.
 *
 * @param tokens the generated tokens whose offsets were translated
 * @param unmapped the probability that the base gives to ids without an offset, the mean of these
 *     tokens and of the pairs, from 0 to 1
 * @param spelledTokens the tokens that experts and anti-experts read to look up how the base's
 *     tokens are spelled in theirs, beside the text
 * @param rereadTokens the tokens of the text that they read once more, since a border had moved
 */
public record TranslationStats(int tokens, double unmapped, long spelledTokens, long rereadTokens) {
  /** Nothing was translated. */
  public static final TranslationStats NONE = new TranslationStats(0, 0, 0, 0);
}
