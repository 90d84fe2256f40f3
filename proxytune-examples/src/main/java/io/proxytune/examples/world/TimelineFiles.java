package io.proxytune.examples.world;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A world that changes, and what is written of it at each time. Immutable. */
public final class TimelineFiles {
  /** How many steps of time there are after the first. */
  public static final int STEPS = Timeline.STEPS;

  private final Timeline timeline;

  private TimelineFiles(Timeline timeline) {
    this.timeline = timeline;
  }

  /**
   * Draws a world and what becomes of it.
   *
   * @param seed any number; the same one gives the same texts
   */
  public static TimelineFiles of(long seed) {
    return new TimelineFiles(Timeline.of(seed));
  }

  /**
   * What is written at a time.
   *
   * @param step from 0, the first time, to {@link #STEPS}
   * @return documents, each of one line
   */
  public List<String> documents(int step) {
    return TimelineText.documents(timeline, step);
  }

  /**
   * Questions about people whom no quiz in the texts is about, one for each fact that may change.
   *
   * @param step the time that is asked about, from 0 to {@link #STEPS}
   */
  public List<Quiz> questions(int step) {
    return timeline.facts(step).stream().map(Quiz::of).toList();
  }

  /**
   * Writes a tokenizer that knows the words of all times and the letters.
   *
   * @param folder where; files that are there are replaced
   * @throws java.io.UncheckedIOException if a file can't be written
   */
  public void writeTokenizer(Path folder) {
    List<String> all = new ArrayList<>();
    for (int step = 0; step <= STEPS; step++) {
      all.addAll(documents(step));
    }
    WorldFiles.writeTokenizer(folder, WorldTokenizer.of(all));
  }
}
