package io.proxytune.core.files;

import static com.google.common.base.Strings.lenientFormat;

import com.google.common.util.concurrent.Uninterruptibles;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers the files that something is read from, to find out whether one changed meanwhile. Safe
 * for use by several threads.
 */
public final class FileWatch {
  /** A file that never comes to rest is read all the same, and refused afterwards. */
  private static final int MOST_RESTS = 50;

  private final Map<Path, FileState> states = new LinkedHashMap<>();

  /**
   * Remembers a file as it is now. To be called before it is opened for the first time.
   *
   * @param file a file; one that is none is left to its reader to refuse
   * @return the same file
   */
  public synchronized Path watch(Path file) {
    if (!states.containsKey(file) && Files.isRegularFile(file)) {
      try {
        states.put(file, settled(file));
      } catch (IOException e) {
        throw InputFile.unreadable(file, e);
      }
    }
    return file;
  }

  private static FileState settled(Path file) throws IOException {
    FileState state = FileState.of(file);
    for (int i = 0; i < MOST_RESTS && !state.untilSettled().isZero(); i++) {
      Uninterruptibles.sleepUninterruptibly(state.untilSettled());
      state = FileState.of(file);
    }
    return state;
  }

  /**
   * Checks that every file is as it was.
   *
   * @throws CheckpointException if one is not; the message names it
   */
  public synchronized void requireUnchanged() {
    states.forEach(FileWatch::requireUnchanged);
  }

  /**
   * Finds out whether a failure is due to a change.
   *
   * @param failure what reading led to
   * @return what to throw: that a file changed, if one did, or else the failure
   */
  public CheckpointException explain(CheckpointException failure) {
    try {
      requireUnchanged();
      return failure;
    } catch (CheckpointException changed) {
      changed.addSuppressed(failure);
      return changed;
    }
  }

  private static void requireUnchanged(Path file, FileState state) {
    try {
      String difference = state.differences(file);
      if (!difference.isEmpty()) {
        throw new CheckpointException(
            lenientFormat(
                "%s changed since it was opened (%s), so that what was read of it may belong to"
                    + " different versions; load it again once nothing writes to it, and let"
                    + " writers save under another name and rename",
                file, difference));
      }
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }
}
