package io.proxytune.core.adapter;

import static java.util.Objects.requireNonNull;

import io.proxytune.LogitSource;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.model.FunctionLogitSource;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A model that reads conversations in a template with tools, and answers by a function of them. */
public final class ScriptedModel {
  private static final String TURN = "<|assistant|>";
  private static final CheckpointTokenizer TOKENIZER =
      CheckpointTokenizer.open(
          resource("/tokenizers/byte-level"), resource("/chat-templates/tools/hermes.jinja"));

  private ScriptedModel() {}

  private static Path resource(String name) {
    try {
      return Path.of(requireNonNull(ScriptedModel.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * A model.
   *
   * @param context how many tokens it can read
   * @param answer from the conversation as it is rendered to what is answered
   */
  public static LogitSource of(int context, UnaryOperator<String> answer) {
    return of(TOKENIZER, context, answer);
  }

  /**
   * A model.
   *
   * @param tokenizer has a template whose turns of the assistant begin with {@code <|assistant|>},
   *     and the end token {@code <|end|>}
   * @param context how many tokens it can read
   * @param answer from the conversation as it is rendered, up to that, to what is answered
   */
  public static LogitSource of(
      CheckpointTokenizer tokenizer, int context, UnaryOperator<String> answer) {
    int width = tokenizer.vocabularySize();
    int end = tokenizer.id("<|end|>").orElseThrow();
    return FunctionLogitSource.of(
            "scripted", width, context, ids -> row(width, next(tokenizer, ids, answer, end)))
        .withTokenizer(tokenizer)
        .withEndOfTextIds(Set.of(end));
  }

  private static int next(
      CheckpointTokenizer tokenizer, List<Integer> ids, UnaryOperator<String> answer, int end) {
    String text = tokenizer.decode(ids.stream().mapToInt(id -> id).toArray(), false);
    int from = text.lastIndexOf(TURN) + TURN.length();
    int read = tokenizer.encode(text.substring(0, from), false).length;
    int[] written = tokenizer.encode(answer.apply(text.substring(0, from)), false);
    int at = ids.size() - read;
    return at >= 0 && at < written.length ? written[at] : end;
  }

  private static float[] row(int width, int id) {
    float[] row = new float[width];
    for (int i = 0; i < width; i++) {
      row[i] = (float) i / width; // where it may not write that: rather { than <
    }
    row[id] = 10;
    return row;
  }
}
