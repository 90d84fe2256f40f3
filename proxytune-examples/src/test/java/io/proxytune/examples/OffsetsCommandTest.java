package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve --offsets}, with the shipped family. */
class OffsetsCommandTest {
  /** Of the family's vocabulary, by the package in src/clients/offsets and transformers 5.24. */
  private static final String FINGERPRINT =
      "64c09f53d82e9db8ee119054642fc91e0da15e55de9256a7809cc2e52919edab";

  private static final Path FAMILY = Path.of("family");

  private @TempDir Path folder;

  private CliRun serve(List<Integer> answers, String... more) {
    String[] fixed = {"serve", "--offsets", folder.resolve("s.sock").toString()};
    String[] args = Stream.of(fixed, more).flatMap(Stream::of).toArray(String[]::new);
    return CliRun.serving(new TorchEngine(), address -> answers.add(greet(address)), args);
  }

  private static String model(String name) {
    return FAMILY.resolve(name).toString();
  }

  /** Says hello as the package in Python does. */
  private static int greet(URI socket) {
    ByteBuffer hello =
        ByteBuffer.allocate(65)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(61)
            .put((byte) 1)
            .put("PTOFFSET".getBytes(StandardCharsets.US_ASCII))
            .putShort((short) 1)
            .put((byte) 2)
            .put((byte) 0)
            .putInt(649)
            .putInt(649)
            .put(HexFormat.of().parseHex(FINGERPRINT))
            .putLong(0)
            .flip();
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(Path.of(socket.getPath())))) {
      channel.write(hello);
      ByteBuffer answer = ByteBuffer.allocate(5);
      channel.read(answer);
      return answer.get(4);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anEngineWithTheSameVocabularyIsGreeted() {
    List<Integer> answers = new ArrayList<>();
    CliRun run =
        serve(
            answers,
            "--base",
            model("base"),
            "--expert",
            model("expert"),
            "--anti-expert",
            model("small"),
            "--expert",
            model("expert"),
            "--anti-expert",
            model("small"),
            "--alpha",
            "0.5");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(answers).containsExactly(2);
    assertThat(run.out()).contains("serving at " + folder.resolve("s.sock"));
    assertThat(run.err()).contains("649 ids and up to 128 tokens; pairs: expert, expert-2");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatCantWorkIsRefusedBeforeAnythingIsLoaded() {
    assertThat(serve(List.of(), "--base", model("base")).err())
        .contains("add --expert MODEL and --anti-expert MODEL");
    String[] pair = {"--expert", model("expert"), "--anti-expert", model("small")};
    assertThat(serve(List.of(), with(pair, "--base", "http://localhost:1")).err())
        .contains("a folder with the tokenizer");
    assertThat(serve(List.of(), with(pair, "--base", model("base"), "--requests", "0")).err())
        .contains("--requests must be >= 1, got 0");
    assertThat(
            serve(List.of(), with(pair, "--base", model("base"), "--space", "probabilities")).err())
        .contains("no other fusion");
  }

  private static String[] with(String[] some, String... more) {
    return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
  }
}
