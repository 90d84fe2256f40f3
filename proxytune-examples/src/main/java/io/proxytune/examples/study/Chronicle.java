package io.proxytune.examples.study;

import io.proxytune.core.training.TrainingData;
import io.proxytune.examples.training.RawDocuments;
import io.proxytune.examples.world.Quiz;
import io.proxytune.examples.world.TimelineFiles;
import java.nio.file.Path;
import java.util.List;

/** What models learn from, and are asked about, a time of a world that changes. Immutable. */
record Chronicle(TimelineFiles texts, Path tokenizer) {
  /** Of every model and row. */
  static final int POSITIONS = 128;

  /**
   * The texts of a time.
   *
   * @param time a step of the world's time
   * @param most how many documents are read at most
   */
  TrainingData data(int time, int most) {
    List<String> documents = texts.documents(time).stream().limit(most).toList();
    return RawDocuments.data(documents, tokenizer, POSITIONS);
  }

  /**
   * Questions about people whom no quiz in the texts is about.
   *
   * @param time the time that is asked about
   * @param most how many at most
   */
  List<Quiz> questions(int time, int most) {
    return texts.questions(time).stream().limit(most).toList();
  }
}
