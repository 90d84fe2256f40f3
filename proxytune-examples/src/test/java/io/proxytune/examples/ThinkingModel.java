package io.proxytune.examples;

import io.proxytune.ProxyTuner;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.model.FunctionLogitSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A model that says the same to every question of a conversation. Its chat template has begun its
 * thoughts for it.
 */
public final class ThinkingModel {
  static final String OPENED = "assistant: <think>";
  private static final int END = 2;

  private ThinkingModel() {}

  /**
   * Makes a tuner of one.
   *
   * @param folder where its tokenizer is written
   * @param says what it says behind the mark that begins its thoughts
   */
  public static ProxyTuner tuner(Path folder, String says) {
    return tuner(folder, says, prompt -> {});
  }

  /**
   * The same, heard.
   *
   * @param asked gets each prompt that is answered
   */
  static ProxyTuner tuner(Path folder, String says, Consumer<String> asked) {
    CheckpointTokenizer tokenizer = tokenizer(folder);
    FunctionLogitSource source =
        FunctionLogitSource.of("thinks", 300, 900, ids -> next(tokenizer, ids, says, asked));
    return ProxyTuner.builder()
        .base(source.withTokenizer(tokenizer).withEndOfTextIds(Set.of(END)))
        .build();
  }

  private static CheckpointTokenizer tokenizer(Path folder) {
    try {
      Path template = ByteCheckpoint.write(folder, 1).resolve("chat_template.jinja");
      Files.writeString(
          template, Files.readString(template).replace("assistant: {% endif", OPENED + "{% endif"));
      return CheckpointTokenizer.open(folder);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static float[] next(
      CheckpointTokenizer tokenizer, List<Integer> ids, String says, Consumer<String> asked) {
    String text = tokenizer.decode(ids.stream().mapToInt(id -> id).toArray(), false);
    int at = text.length() - text.lastIndexOf(OPENED) - OPENED.length();
    if (at == 0) {
      asked.accept(text);
    }
    float[] row = new float[300];
    row[at < says.length() ? tokenizer.encode(says.substring(at, at + 1), false)[0] : END] = 9;
    return row;
  }
}
