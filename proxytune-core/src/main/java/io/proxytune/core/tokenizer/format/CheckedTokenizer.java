package io.proxytune.core.tokenizer.format;

import java.util.List;

/**
 * A {@code tokenizer.json} that was checked.
 *
 * @param json the checked parts, written anew, for the native library
 * @param texts which texts that library may be given
 * @param before the ids that the post-processor puts before a text
 * @param behind the ids that the post-processor puts behind a text
 * @param decoderGrowth how many times as many bytes as its tokens a decoded text may have
 * @param splitting into which tokens it splits texts
 */
public record CheckedTokenizer(
    String json,
    TextRules texts,
    List<Integer> before,
    List<Integer> behind,
    double decoderGrowth,
    Splitting splitting) {}
