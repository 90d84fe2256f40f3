package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the threads of OpenBLAS before, during and after a pass into a file. */
final class ThreadSettingsProgram {
  private ThreadSettingsProgram() {}

  public static void main(String[] arguments) throws IOException {
    TorchRuntime.load();
    String before = blasThreads();
    String during;
    try (ProcessSettings settings = ProcessSettings.enter()) {
      during = blasThreads();
    }
    Files.write(Path.of(arguments[0]), List.of(before, during, blasThreads()));
  }

  private static String blasThreads() {
    return "" + OpenBlasNumber.get();
  }
}
