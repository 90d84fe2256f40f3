package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own: exit status, charset, Ctrl-C. */
@Tag("slow")
class MainProcessTest {
  private static final long PATIENCE_SECONDS = 120;

  @TempDir private Path folder;

  private Process start(String... args) throws IOException {
    return builder(List.of(args)).start();
  }

  private ProcessBuilder builder(List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dfile.encoding=US-ASCII");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(args);
    return new ProcessBuilder(command).redirectError(folder.resolve("err.txt").toFile());
  }

  private String standardError() throws IOException {
    return Files.readString(folder.resolve("err.txt"));
  }

  private static int await(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aModelIsFoundByItsNameOnTheHub() throws Exception {
    Path cache = Files.createDirectory(folder.resolve("hub"));
    Path model = cache.resolve("models--org--tiny");
    TinyCheckpoint.write(model.resolve("snapshots/0a1b2c"), 1);
    ProcessBuilder builder = builder(List.of("inspect", "org/tiny@0a1b"));
    builder.environment().put("HF_HUB_CACHE", cache.toString());
    Process found = builder.start();
    assertThat(new String(found.getInputStream().readAllBytes(), UTF_8))
        .startsWith("checkpoint      org/tiny");
    assertThat(await(found)).isZero();

    builder.command().set(builder.command().size() - 1, "org/gone");
    assertThat(await(builder.start())).isEqualTo(2);
    assertThat(standardError())
        .contains("looked in " + cache + ", set by HF_HUB_CACHE", "hf download org/gone");
  }

  @Test
  void badUsageIsTheProcessesStatus() throws Exception {
    Process process = start("generate", "--alpha", "1");
    assertThat(process.getInputStream().readAllBytes()).isEmpty();
    assertThat(await(process)).isEqualTo(2);
    assertThat(standardError()).startsWith("proxytune: ").hasLineCount(1);
  }

  @Test
  void textIsUtf8WhateverThePlatformsCharsetIs() throws Exception {
    Path base = TinyCheckpoint.write(folder.resolve("base"), 1);
    int smile = TinyCheckpoint.WORDS.indexOf("\ud83d\ude00");
    Process process =
        start(
            "generate",
            "--base",
            base.toString(),
            "--prompt",
            "the",
            "--max-new-tokens",
            "2",
            "--logit-bias",
            smile + "=1000");
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(await(process)).as(standardError()).isZero();
    assertThat(out.strip()).isEqualTo("\ud83d\ude00 \ud83d\ude00");
    assertThat(standardError()).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskBehindStandardOutputIsSaid() throws Exception {
    String world = folder.resolve("world").toString();
    for (List<String> args : List.of(List.of("--help"), List.of("world", "--out", world))) {
      ProcessBuilder builder = builder(args).redirectOutput(Path.of("/dev/full").toFile());
      assertThat(await(builder.start())).isEqualTo(2);
      assertThat(standardError())
          .startsWith("proxytune: standard output can't be written: No space left on device")
          .hasLineCount(1);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void ctrlCEndsWith130() throws Exception {
    assumeTrue(hearsInterrupts(), "this process was started with SIGINT ignored");
    Path base = TinyCheckpoint.write(folder.resolve("base"), 1, 100_000, TinyCheckpoint.WORDS);
    Process process =
        start(
            "generate",
            "--base",
            base.toString(),
            "--prompt",
            "the",
            "--ignore-eos",
            "--max-new-tokens",
            "90000");
    InputStream out = process.getInputStream();
    assertThat(out.read()).isNotNegative(); // it writes, so it decodes
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor())
        .isZero();
    out.readAllBytes();
    assertThat(await(process)).isEqualTo(130);
    assertThat(standardError()).isEmpty();
  }

  /** A child inherits ignored signals; SIGINT is bit 1 of the mask. */
  private static boolean hearsInterrupts() throws IOException {
    String mask =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElse("SigIgn: 0");
    return (Long.parseUnsignedLong(mask.substring(7).strip(), 16) & 2) == 0;
  }
}
