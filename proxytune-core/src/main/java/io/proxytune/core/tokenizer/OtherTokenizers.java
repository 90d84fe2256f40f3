package io.proxytune.core.tokenizer;

import java.nio.file.Path;

/** Says how a {@code tokenizer.json} is made of the other formats that a folder may hold. */
final class OtherTokenizers {
  private OtherTokenizers() {}

  static String advice(Path folder) {
    return folder
        + " has no tokenizer.json, the only tokenizer format that is read; make one from"
        + " other formats in Python with transformers:"
        + " AutoTokenizer.from_pretrained(FOLDER, use_fast=True).save_pretrained(FOLDER)";
  }
}
