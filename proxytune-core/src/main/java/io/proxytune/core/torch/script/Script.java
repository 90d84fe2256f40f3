package io.proxytune.core.torch.script;

import io.proxytune.ProxyTuneException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Method;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.TypeKind;
import org.jspecify.annotations.Nullable;

/**
 * A program in TorchScript. Its operators run one after the other in native code, without a Java
 * object for each tensor on the way; and each tensor's memory is free for the next one as soon as
 * it is not needed.
 *
 * <p>Immutable but for {@link #close()}; safe for use by several threads.
 */
public final class Script implements AutoCloseable {
  private static final String ENTRY = "forward";
  private static final String ERROR = "RuntimeError: ";

  private final JitModule module;
  private final Method entry;
  private final FunctionSchema schema;

  /** Of each argument that is a list; null elsewhere. */
  private final List<Type.@Nullable TypePtr> elementTypes = new ArrayList<>();

  private Script(JitModule module) {
    this.module = module;
    module.retainReference();
    this.entry = module.get_method(ENTRY);
    entry.retainReference();
    inline(entry);
    this.schema = entry.function().getSchema();
    schema.retainReference();
    for (long i = 1; i < entry.num_inputs(); i++) { // behind self
      Type type = new Argument(schema.arguments().getPointer(i)).type().get();
      boolean isList = type.kind().intern() == TypeKind.ListType;
      elementTypes.add(isList ? type.containedType(0).retainReference() : null);
    }
  }

  /** Puts the methods that the entry calls into it: LibTorch does so once, for its first run. */
  private static void inline(Method entry) {
    boolean optimizes = torch.getGraphExecutorOptimize(); // a setting of this thread
    torch.setGraphExecutorOptimize(true);
    try {
      entry.get_executor();
    } finally {
      torch.setGraphExecutorOptimize(optimizes);
    }
  }

  /**
   * Compiles a program, in the current scope.
   *
   * @param className the class that the source defines, with a method {@code forward}
   * @param source in the form that LibTorch itself writes sources in: operators of other libraries
   *     than its own are {@code ops.<library>.<operator>}
   * @return the program; the caller closes it
   * @throws RuntimeException if the source is wrong or names an operator that this LibTorch lacks
   */
  public static Script compile(String className, String source) {
    try {
      Path folder = Files.createTempDirectory("proxytune"); // for its owner alone
      Path file = folder.resolve("program.pt");
      try {
        ScriptArchive.write(file, className, source);
        return new Script(torch.load(file.toString()));
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new ProxyTuneException(
          "can't write a temporary file ("
              + e
              + "): is the folder "
              + System.getProperty("java.io.tmpdir")
              + " full or read-only? -Djava.io.tmpdir=FOLDER names another",
          e);
    }
  }

  /**
   * An empty list for an argument, of the element type that the program declares.
   *
   * @param argument its index, not counting {@code self}
   * @return the list
   */
  public IValue emptyList(int argument) {
    return new IValue(new GenericList(elementTypes.get(argument)));
  }

  /**
   * An empty list for an argument that is a list of lists.
   *
   * @param argument its index, not counting {@code self}
   * @return a list for its elements
   */
  public IValue emptyElement(int argument) {
    return new IValue(new GenericList(elementTypes.get(argument).get().containedType(0)));
  }

  /**
   * Runs the program.
   *
   * @param arguments every argument but {@code self}, in order
   * @return its result, in the current scope
   * @throws RuntimeException if an operator fails
   */
  public Tensor call(IValue... arguments) {
    // Run as it is written: profiling costs the first runs time, and gained nothing after them.
    boolean optimizes = torch.getGraphExecutorOptimize(); // a setting of this thread
    torch.setGraphExecutorOptimize(false);
    try (IValueVector stack = new IValueVector(arguments)) {
      entry.run(stack);
      return new Tensor(stack.back().toTensor());
    } catch (RuntimeException e) {
      throw new RuntimeException(cause(e), e);
    } finally {
      torch.setGraphExecutorOptimize(optimizes);
    }
  }

  /** LibTorch's message is a traceback through the source, with the operator's own at its end. */
  private static String cause(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    int error = message.lastIndexOf(ERROR);
    return error < 0 ? message : message.substring(error + ERROR.length());
  }

  @Override
  public void close() {
    elementTypes.stream().filter(Objects::nonNull).forEach(Type.TypePtr::close);
    schema.close();
    entry.close();
    module.close();
  }
}
