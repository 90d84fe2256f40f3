package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Programs of the tests, each in a JVM of its own, with the class path of this one. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * What starts a program, in whatever folder. What it says as an error goes where the rest goes.
   *
   * @param options of the JVM
   * @param arguments of the program, as their texts
   */
  public static ProcessBuilder of(Class<?> program, List<String> options, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), program.getName()));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Runs a program to its good end, and gives what it said, which a file keeps. */
  public static String run(ProcessBuilder program, Path log)
      throws IOException, InterruptedException {
    int status = end(program.redirectOutput(log.toFile()).start());
    String said = Files.readString(log);
    assertThat(status).as(said).isZero();
    return said;
  }

  /** Waits for a program that ends by itself, whose status it gives. */
  public static int end(Process process) throws InterruptedException {
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly();
    }
    assertThat(ended).as("the program ends").isTrue();
    return process.exitValue();
  }
}
