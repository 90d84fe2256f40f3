package io.proxytune.core.training;

import io.proxytune.CheckpointException;
import io.proxytune.Tokenizer;
import io.proxytune.core.files.TextLines;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads conversations to tune with, one JSON object a line, in the form of transformers and TRL:
 * {@code {"messages":[{"role":"user","content":"…"},{"role":"assistant","content":"…"}]}}.
 */
public final class ChatData {
  private ChatData() {}

  /**
   * Opens the tokenizer that conversations are rendered with.
   *
   * @param checkpointFolder the folder of the model to tune, with its {@code tokenizer.json}
   * @param chatTemplate a Jinja template to use instead of the folder's own, for a model that has
   *     none
   * @return the tokenizer
   * @throws io.proxytune.CheckpointException if a file is missing or broken
   */
  public static Tokenizer tokenizer(Path checkpointFolder, Optional<Path> chatTemplate) {
    return chatTemplate
        .map(template -> CheckpointTokenizer.open(checkpointFolder, template))
        .orElseGet(() -> CheckpointTokenizer.open(checkpointFolder));
  }

  /**
   * Reads a file. Each conversation is rendered with the tokenizer's chat template; the assistant's
   * answers carry loss, each with the token that ends its turn, and nothing else does.
   *
   * @param file the JSONL file, UTF-8; blank lines are passed over
   * @param tokenizer a tokenizer with a chat template, see {@link #tokenizer}
   * @param maxPositions how many positions a conversation may take, at most the model's context
   * @return a sequence for each line
   * @throws TrainingDataException if the file can't be read, is empty, or a line is no JSON, has no
   *     messages, an unknown role, empty content or no answer, is too long, or can't be rendered
   *     answer by answer; the message names the file and the line
   * @throws io.proxytune.ChatTemplateException if the tokenizer has no chat template
   */
  public static List<TrainingSequence> read(Path file, Tokenizer tokenizer, int maxPositions) {
    ChatRenderer renderer = new ChatRenderer(tokenizer, maxPositions);
    List<TrainingSequence> sequences = new ArrayList<>();
    try (TextLines lines = TextLines.open(file)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (!line.isBlank()) {
          DataLine where = new DataLine(file, lines.number());
          sequences.add(renderer.render(ChatLine.parse(line, where), where));
        }
      }
    } catch (CheckpointException e) {
      throw new TrainingDataException(
          e.getMessage() + "; the data are a JSONL file of conversations", e);
    }
    if (sequences.isEmpty()) {
      throw new TrainingDataException(
          file + " is empty; it must hold at least one line " + ChatLine.FORM, null);
    }
    return sequences;
  }
}
