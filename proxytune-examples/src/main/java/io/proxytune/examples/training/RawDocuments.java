package io.proxytune.examples.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.core.training.ChatData;
import io.proxytune.core.training.TrainingData;
import io.proxytune.core.training.TrainingDataException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads plain text to pretrain on: a document a line. */
public final class RawDocuments {
  private RawDocuments() {}

  /**
   * Reads a file as one stream of documents, cut into rows.
   *
   * @param file UTF-8 text, a document a line; blank lines are passed over
   * @param tokenizerFolder a folder with {@code tokenizer.json} and {@code tokenizer_config.json}
   * @param positions how many positions a row takes
   * @return the rows
   * @throws TrainingDataException if the file can't be read or holds no text
   * @throws io.proxytune.CheckpointException if the tokenizer is missing or broken
   */
  public static TrainingData read(Path file, Path tokenizerFolder, int positions) {
    List<String> documents = lines(file).stream().filter(line -> !line.isBlank()).toList();
    if (documents.isEmpty()) {
      throw new TrainingDataException(
          file + " holds no text, expected a document a line: give another file", null);
    }
    return TokenizerFolder.data(tokenizerFolder, documents, positions);
  }

  /**
   * Takes each document as a row of its own, as it is read where a text is written from nothing.
   *
   * @param documents the texts, at least one
   * @param tokenizerFolder a folder with {@code tokenizer.json} and {@code tokenizer_config.json}
   * @return the rows; all that follows a document's first token is learnt, its end too
   * @throws io.proxytune.CheckpointException if the tokenizer is missing or broken
   */
  public static TrainingData each(List<String> documents, Path tokenizerFolder) {
    return TokenizerFolder.rows(tokenizerFolder, documents);
  }

  /**
   * Takes documents as one stream, cut into rows.
   *
   * @param documents at least one
   * @param tokenizerFolder a folder with {@code tokenizer.json} and {@code tokenizer_config.json}
   * @param positions how many positions a row takes
   * @return the rows
   * @throws io.proxytune.CheckpointException if the tokenizer is missing or broken
   */
  public static TrainingData data(List<String> documents, Path tokenizerFolder, int positions) {
    return TokenizerFolder.data(tokenizerFolder, documents, positions);
  }

  /**
   * How many tokens a tokenizer has.
   *
   * @param tokenizerFolder a folder with {@code tokenizer.json}
   * @return the size of its vocabulary
   * @throws io.proxytune.CheckpointException if the tokenizer is missing or broken
   */
  public static int vocabularySize(Path tokenizerFolder) {
    return ChatData.tokenizer(tokenizerFolder, Optional.empty()).vocabularySize();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, UTF_8);
    } catch (CharacterCodingException e) {
      throw new TrainingDataException(file + " can't be read: it is not UTF-8 text", e);
    } catch (NoSuchFileException e) {
      throw new TrainingDataException(file + " can't be read: there is no such file", e);
    } catch (IOException e) {
      throw new TrainingDataException(file + " can't be read: " + e.getMessage(), e);
    }
  }
}
