package io.proxytune.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A family with random weights and a few items of each task. */
public final class TinyFamily {
  private static final String ITEM =
      "{\"task\":\"%s\",\"prompt\":\"%s\",\"answer\":\"%s\",\"subject\":\"sky\",\"facts\":[\"blue\"]}\n";

  private TinyFamily() {}

  public static Path write(Path folder) {
    TinyCheckpoint.write(folder.resolve("base"), 1);
    TinyCheckpoint.write(folder.resolve("base-tuned"), 2);
    TinyCheckpoint.write(folder.resolve("small"), 3);
    TinyCheckpoint.write(folder.resolve("expert"), 4);
    TinyCheckpoint.writeAdapter(folder.resolve("expert-lora"), 5);
    try {
      Path data = Files.createDirectories(folder.resolve("data"));
      Files.writeString(data.resolve("dev.jsonl"), items());
      Files.writeString(data.resolve("test.jsonl"), items());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }

  private static String items() {
    return ITEM.formatted("question", "why is the sky", "blue and light")
        + ITEM.formatted("question", "why is the sea", "green light")
        + ITEM.formatted("profile", "the sky", "it is blue")
        + ITEM.formatted("howto", "a light", "once upon a time")
        + ITEM.formatted("refusal", "the green sea", "because it was")
        + ITEM.formatted("refusal-unseen", "the green light", "because it was")
        + "{\"task\":\"sentiment\",\"prompt\":\"the sea is\",\"answer\":\"blue\","
        + "\"options\":[\" blue\",\" green\"]}\n";
  }
}
