package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files either open or are refused; nothing else is thrown and little is allocated. */
@Tag("slow")
class CheckpointFuzzTest {
  private static final int ROUNDS = 200;
  private static final String DIGITS = "0123456789-\"[]{},:e.";

  @TempDir Path folder;
  private int opened;
  private int refused;

  @BeforeEach
  void writeCheckpoint() {
    new TinyLlama().write(folder);
    TinyLlama.writeText(
        folder.resolve("generation_config.json"),
        "{\"eos_token_id\": [2, 3], \"bos_token_id\": 1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "config.json", "generation_config.json"})
  void flippedBytes(String name) throws IOException {
    damage(folder.resolve(name), CheckpointFuzzTest::flip, 11);
    assertThat(refused).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "config.json", "generation_config.json"})
  void otherDigitsAndBrackets(String name) throws IOException {
    damage(folder.resolve(name), CheckpointFuzzTest::retype, 12);
    assertThat(opened).isPositive();
    assertThat(refused).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "config.json", "generation_config.json"})
  void truncations(String name) throws IOException {
    damage(
        folder.resolve(name),
        (bytes, random) -> Arrays.copyOf(bytes, random.nextInt(bytes.length)),
        13);
    assertThat(refused).isPositive();
  }

  @Test
  void damagedIndex() throws IOException {
    Files.delete(folder.resolve("model.safetensors"));
    new TinyLlama().writeSharded(folder, 2);
    damage(folder.resolve("model.safetensors.index.json"), CheckpointFuzzTest::retype, 14);
    assertThat(refused).isPositive();
  }

  private void damage(Path file, Damage damage, long seed) throws IOException {
    byte[] valid = Files.readAllBytes(file);
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = damage.apply(valid.clone(), random);
      Files.write(file, damaged);
      open(damaged);
    }
  }

  private void open(byte[] damaged) {
    try {
      DecoderCheckpoint.open(folder);
      opened++;
    } catch (CheckpointException e) {
      assertThat(e).hasMessageContaining(folder.toString());
      refused++;
    } catch (RuntimeException | Error e) {
      fail("for " + new String(damaged, StandardCharsets.ISO_8859_1), e);
    }
  }

  // The first bytes are the interesting ones, so half of the damage goes there.
  private static byte[] flip(byte[] bytes, Random random) {
    int flips = 1 + random.nextInt(3);
    for (int i = 0; i < flips; i++) {
      int range = random.nextBoolean() ? Math.min(16, bytes.length) : bytes.length;
      bytes[random.nextInt(range)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static byte[] retype(byte[] bytes, Random random) {
    int range = Math.min(bytes.length, 2500);
    for (int i = random.nextInt(2); i >= 0; i--) {
      int at = random.nextInt(range);
      while (DIGITS.indexOf(bytes[at]) < 0) {
        at = (at + 1) % range;
      }
      bytes[at] = (byte) DIGITS.charAt(random.nextInt(DIGITS.length()));
    }
    return bytes;
  }

  private interface Damage {
    byte[] apply(byte[] valid, Random random);
  }
}
