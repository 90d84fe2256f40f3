package io.proxytune.core.offsets;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file that clients connect to, which only its owner may. For one thread. */
final class SocketFile implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(SocketFile.class);

  /** What every system takes; Linux takes 108 with a zero at the end, and macOS 104. */
  private static final int MOST_BYTES = 103;

  private final Path file;
  private final ServerSocketChannel channel;
  private final @Nullable Object key;

  private SocketFile(Path file, ServerSocketChannel channel, @Nullable Object key) {
    this.file = file;
    this.channel = channel;
    this.key = key;
  }

  /**
   * Listens. The file gets its name once none but its owner can use it.
   *
   * @throws IllegalArgumentException if there is a file that is no socket, or a server behind it
   */
  static SocketFile listen(Path path) {
    Path file = path.toAbsolutePath().normalize();
    Path first = file.resolveSibling("." + UUID.randomUUID().toString().substring(0, 8));
    int bytes =
        Math.max(
            file.toString().getBytes(StandardCharsets.UTF_8).length,
            first.toString().getBytes(StandardCharsets.UTF_8).length);
    checkArgument(
        bytes <= MOST_BYTES,
        "the path of a socket has at most %s bytes, and %s needs %s: choose a shorter folder",
        MOST_BYTES,
        file,
        bytes);
    checkArgument(
        Files.isDirectory(first.getParent()), "there is no folder for the socket %s", file);
    try {
      checkFree(file);
      ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.bind(UnixDomainSocketAddress.of(first));
        Files.setPosixFilePermissions(first, PosixFilePermissions.fromString("rw-------"));
        Files.move(first, file, StandardCopyOption.ATOMIC_MOVE);
        return new SocketFile(file, channel, key(file));
      } catch (IOException | RuntimeException e) {
        channel.close();
        Files.deleteIfExists(first);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't listen at " + file + ": " + e.getMessage(), e);
    }
  }

  private static void checkFree(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    checkArgument(
        attributes(file).isOther(), "%s is there, and it is no socket: choose another path", file);
    boolean answers;
    try (SocketChannel other = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
      answers = other.isConnected();
    } catch (IOException e) {
      answers = false; // left behind by a server that was killed
    }
    checkArgument(!answers, "another server listens at %s: end it, or choose another path", file);
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static @Nullable Object key(Path file) throws IOException {
    return attributes(file).fileKey();
  }

  Path path() {
    return file;
  }

  SocketChannel accept() throws IOException {
    return channel.accept();
  }

  /** Takes the file away, unless another server has put its own there. */
  @Override
  public void close() {
    try {
      channel.close();
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && key != null && key.equals(key(file))) {
        Files.delete(file);
      }
    } catch (IOException e) {
      logger.warn("The socket {} is left behind", file, e);
    }
  }
}
