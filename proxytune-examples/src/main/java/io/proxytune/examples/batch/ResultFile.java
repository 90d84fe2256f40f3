package io.proxytune.examples.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file of results, a JSON object a line, each with the number of the input's line. A result is
 * there when its line break is: what a process that was killed left of another is cut off when the
 * file is opened again. For one thread.
 */
public final class ResultFile implements AutoCloseable {
  /** The field with the number of the input's line. */
  public static final String LINE = "line";

  /** The field that is carried through from the input. */
  public static final String ID = "id";

  private final String name;
  private final FileChannel channel;
  private final Map<Long, JsonNode> idsOfDone = new HashMap<>();

  private ResultFile(String name, FileChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  /**
   * Opens the file of {@code --output} to go on with, or makes it. Nobody else writes it meanwhile.
   *
   * @throws IllegalArgumentException if it holds anything else, or is being written
   */
  public static ResultFile open(Path file) {
    return open("--output", file);
  }

  /**
   * The same of another option.
   *
   * @param option what named the file
   */
  public static ResultFile open(String option, Path file) {
    String name = option + " " + file;
    try {
      ResultFile results = new ResultFile(name, FileChannel.open(file, CREATE, READ, WRITE));
      try {
        results.lock();
        results.readDone();
        return results;
      } catch (RuntimeException | IOException e) {
        results.channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw unwritable(name, e);
    }
  }

  private static UncheckedIOException unwritable(String name, IOException e) {
    String why = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    String reason = why == null ? e.getClass().getSimpleName() : why;
    return new UncheckedIOException(name + " can't be written: " + reason, e);
  }

  private void lock() throws IOException {
    boolean locked;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw refused("another run is writing it", null);
    }
  }

  private IllegalArgumentException refused(String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(name + ": " + why, cause);
  }

  /** What is there, up to the last line break; what is behind it goes. */
  private void readDone() throws IOException {
    long whole = readLines(text -> take(text, idsOfDone.size() + 1));
    channel.truncate(whole);
    channel.position(whole);
  }

  /**
   * Visits all results, in the order of the file.
   *
   * @param visitor is given each as it is in the file
   */
  public void forEach(Consumer<JsonNode> visitor) {
    int[] number = {0};
    try {
      channel.position(readLines(text -> visitor.accept(parsed(text, ++number[0]))));
    } catch (IOException e) {
      throw new UncheckedIOException(name + " can't be read: " + e.getMessage(), e);
    }
  }

  /** Reads whole lines, and says where the last one ends. */
  private long readLines(Consumer<String> visitor) throws IOException {
    channel.position(0);
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long read = 0;
    long whole = 0;
    for (int next = in.read(); next >= 0; next = in.read()) {
      read++;
      if (next == '\n') {
        visitor.accept(line.toString(UTF_8));
        line.reset();
        whole = read;
      } else {
        line.write(next);
      }
    }
    return whole;
  }

  private void take(String text, int number) {
    JsonNode result = parsed(text, number);
    JsonNode of = result.path(LINE);
    if (!of.canConvertToLong() || of.longValue() < 1) {
      throw refused(
          "its line " + number + " is no result of this command: choose another file", null);
    }
    if (idsOfDone.putIfAbsent(of.longValue(), result.path(ID)) != null) {
      throw refused("it has two results of the input's line " + of.longValue(), null);
    }
  }

  private JsonNode parsed(String text, int number) {
    try {
      return JsonText.parse(text);
    } catch (InvalidJsonException e) {
      throw refused(
          "its line " + number + " is no JSON, so that it is no file of results: choose another",
          e);
    }
  }

  /** How many results there are. */
  public int size() {
    return idsOfDone.size();
  }

  /** Whether the result of an input's line is there. */
  public boolean has(long line) {
    return idsOfDone.containsKey(line);
  }

  /**
   * Refuses results of another input.
   *
   * @param line the number of an input's line that is done
   * @param id the id that the line has; missing where it has none
   */
  public void checkSame(long line, JsonNode id) {
    JsonNode before = idsOfDone.getOrDefault(line, id);
    if (!before.equals(id)) {
      throw refused(
          "its result of line "
              + line
              + " has the id "
              + before
              + ", and that line of the input has "
              + (id.isMissingNode() ? "none" : id)
              + " now: these are results of another input, choose another file",
          null);
    }
  }

  /** Adds a result, which is there when this returns. */
  public void add(ObjectNode result) {
    ByteBuffer bytes = ByteBuffer.wrap((result + "\n").getBytes(UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw unwritable(name, e);
    }
    idsOfDone.put(result.path(LINE).longValue(), result.path(ID));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unwritable(name, e);
    }
  }
}
