package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of prompts whose process is killed in the midst of it, again and again. */
@Tag("slow")
class FileOfPromptsKillTest {
  private static final int LINES = 40;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_SECONDS = 120;

  @TempDir private Path folder;

  private Process start(Path base, Path output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of("generate", "--base", base.toString(), "--temperature", "1"));
    command.addAll(List.of("--seed", "3", "--ignore-eos", "--max-new-tokens", "60"));
    command.addAll(List.of("--input", folder.resolve("in.jsonl").toString()));
    command.addAll(List.of("--output", output.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said.txt").toFile())
        .start();
  }

  private static long lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file).lines().count() : 0;
  }

  /** Waits until so many results are there, or all. */
  private static void awaitLines(Path output, long count, Process process) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (lines(output) < count && process.isAlive()) {
      assertThat(System.nanoTime()).as("patience").isLessThan(end);
      Thread.sleep(2);
    }
  }

  private void finish(Process process) throws Exception {
    try {
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(folder.resolve("said.txt"))).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void noLineIsLostOrThereTwice() throws Exception {
    Path base = TinyCheckpoint.write(folder.resolve("base"), 1, 500, TinyCheckpoint.WORDS);
    Files.write(
        folder.resolve("in.jsonl"),
        IntStream.range(0, LINES)
            .mapToObj(
                i ->
                    String.format(
                        Locale.ROOT, "{\"id\": %d, \"ids\": [%d, %d]}", i, 3 + i % 5, 3 + i % 7))
            .toList());
    Path output = folder.resolve("out.jsonl");
    long before = 0;
    int kills = 0;
    String kept = "";
    while (kills < 2 && before < LINES - 15) {
      Process process = start(base, output);
      awaitLines(output, before + 3 + 5L * kills, process);
      process.destroyForcibly().waitFor();
      String left = Files.readString(output);
      assertThat(left).as("what was there before").startsWith(kept);
      kept = left.substring(0, left.lastIndexOf('\n') + 1);
      before = kept.lines().count();
      kills++;
    }
    assertThat(before).as("results when it was killed last").isBetween(1L, LINES - 1L);
    finish(start(base, output));

    String all = Files.readString(output);
    assertThat(all).startsWith(kept).endsWith("\n");
    List<Integer> numbers = new ArrayList<>();
    for (String line : all.lines().toList()) {
      JsonNode result = JSON.readTree(line);
      numbers.add(result.path("line").intValue());
      assertThat(result.path("id").intValue()).isEqualTo(result.path("line").intValue() - 1);
      assertThat(result.path("token_ids")).hasSize(60);
    }
    assertThat(numbers)
        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, LINES).boxed().toList());
    assertThat(Files.readString(folder.resolve("said.txt")))
        .contains(before + " were there before");
  }
}
