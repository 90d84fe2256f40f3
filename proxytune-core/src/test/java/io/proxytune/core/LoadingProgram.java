package io.proxytune.core;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuneException;
import io.proxytune.ProxyTuner;
import io.proxytune.core.torch.ComputeThread;
import java.io.File;
import java.lang.reflect.Field;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Loads a model and writes a text, as an application does: in a class loader or JVM of its own. */
public final class LoadingProgram implements UnaryOperator<String> {
  /** Writes a text with the model in a folder, or tells why that fails. */
  @Override
  public String apply(String folder) {
    try (LogitSource base = TorchModels.load(Path.of(folder));
        ProxyTuner tuner = ProxyTuner.builder().base(base).build()) {
      endWhenIdle();
      return "text: "
          + tuner
              .generate(Prompt.of("w1"), GenerationOptions.defaults().withMaxNewTokens(3))
              .text();
    } catch (ProxyTuneException e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
  }

  /** The library's thread ends half a minute after its last work; here at once. */
  static void endWhenIdle() {
    try {
      Field executor = ComputeThread.class.getDeclaredField("executor");
      executor.setAccessible(true);
      ((ThreadPoolExecutor) executor.get(null)).setKeepAliveTime(1, TimeUnit.MILLISECONDS);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /**
   * Makes a class loader with classes of its own.
   *
   * @param parent what has all others
   * @param own which entries of the class path are its own
   */
  static URLClassLoader loader(ClassLoader parent, Predicate<String> own) {
    URL[] urls =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(own)
            .map(LoadingProgram::url)
            .toArray(URL[]::new);
    return new URLClassLoader(urls, parent);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a program in a class loader. */
  @SuppressWarnings("unchecked")
  static String run(ClassLoader loader, Class<?> program, String folder)
      throws ReflectiveOperationException {
    Class<?> copy = loader.loadClass(program.getName());
    return ((UnaryOperator<String>) copy.getConstructor().newInstance()).apply(folder);
  }

  /**
   * Prints what comes of it.
   *
   * @param args the folder, and for how many class loaders
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      ClassLoader loader = loader(ClassLoader.getPlatformClassLoader(), entry -> true);
      System.out.println(run(loader, LoadingProgram.class, args[0]));
    }
  }
}
