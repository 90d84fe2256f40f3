package io.proxytune.core.constraint;

import io.proxytune.Tokenizer;
import io.proxytune.model.FunctionLogitSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** A model of random logits that likes to close what it opened. */
final class RandomSource {
  private static final List<String> CLOSING = List.of("\"", "}", "]", "</s>");

  private RandomSource() {}

  static FunctionLogitSource of(String name, Tokenizer tokenizer, long seed) {
    int width = tokenizer.vocabularySize();
    List<Integer> liked = new ArrayList<>();
    CLOSING.forEach(token -> tokenizer.id(token).ifPresent(liked::add));
    return FunctionLogitSource.of(name, width, 2048, ids -> logits(width, liked, seed, ids))
        .withTokenizer(tokenizer)
        .withEndOfTextIds(Set.of(tokenizer.id("</s>").orElseThrow()));
  }

  private static float[] logits(int width, List<Integer> liked, long seed, List<Integer> ids) {
    Random random = new Random(seed + 31L * ids.size() + 1009L * ids.get(ids.size() - 1));
    float[] logits = new float[width];
    for (int id = 0; id < width; id++) {
      logits[id] = 6 * random.nextFloat();
    }
    liked.forEach(id -> logits[id] += 4 + ids.size() / 40f);
    return logits;
  }
}
