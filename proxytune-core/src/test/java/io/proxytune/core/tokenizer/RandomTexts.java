package io.proxytune.core.tokenizer;

import java.util.List;
import java.util.Random;

/** Texts of what tokenizers treat in different ways. */
final class RandomTexts {
  private static final List<String> PARTS =
      List.of(
          " ",
          "  ",
          "\t",
          "\n",
          "\r\n",
          "\u00A0",
          "\u3000",
          "▁",
          "Ġ",
          "\0",
          "\u200B",
          "\uFFFD",
          "a",
          "Z",
          "the",
          "The",
          "HELLO",
          "don't",
          "I'LL",
          "é",
          "e\u0301",
          "\u0301\u0323",
          "ß",
          "İ",
          "ﬁ",
          "㍿",
          "ﷺ",
          "天",
          "天地",
          "カ゛",
          "한",
          "ไทย",
          "नि",
          "😀",
          "👨\u200D👩\u200D👧",
          "🇩🇪",
          "\u0F71\u0F72",
          "0",
          "12",
          "3.14",
          "½",
          "-",
          "--",
          "...",
          "!?",
          "'",
          "''",
          "``",
          "\"",
          "#",
          "<",
          ">",
          "<s>",
          "</s>",
          "<unk>",
          "[UNK]",
          "[MASK]",
          "<0x41>",
          "<mask>",
          "<|endoftext|>",
          "_",
          "__",
          "\\",
          "/",
          "{",
          "}");

  private RandomTexts() {}

  /** A text of up to some twenty parts, some of them repeated. */
  static String next(Random random) {
    StringBuilder text = new StringBuilder();
    int parts = random.nextInt(20);
    for (int i = 0; i < parts; i++) {
      String part = PARTS.get(random.nextInt(PARTS.size()));
      boolean again = random.nextInt(10) == 0;
      text.append(part.repeat(again ? 1 + random.nextInt(30) : 1));
      if (random.nextInt(10) == 0) {
        int c = random.nextInt(Character.MIN_SURROGATE);
        text.append((char) c);
      }
    }
    return text.toString();
  }
}
