package io.proxytune.core.training;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A line of a data file, for messages; counted from 1. */
record DataLine(Path file, int number) {
  TrainingDataException refusal(String problem) {
    return refusal(problem, null);
  }

  TrainingDataException refusal(String problem, @Nullable Throwable cause) {
    return new TrainingDataException(file + ", line " + number + ": " + problem, cause);
  }
}
