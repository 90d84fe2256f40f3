package io.proxytune.core.torch.script;

import io.proxytune.ProxyTuneException;
import io.proxytune.core.torch.ComputeThread;
import java.io.IOException;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A program in TorchScript. Its operators run one after the other in native code, without a Java
 * object for each tensor on the way; and each tensor's memory is free for the next one as soon as
 * it is not needed.
 *
 * <p>Immutable but for {@link #close()}; safe for use by several threads.
 */
public final class Script implements AutoCloseable {
  private static final String ERROR = "RuntimeError: ";

  /** More than a few models have; a program of a model of 22 layers is some hundred kilobytes. */
  private static final int MOST_UNUSED = 16;

  private static final SharedPrograms<CompiledProgram> shared =
      new SharedPrograms<>(CompiledProgram::of, CompiledProgram::close, MOST_UNUSED);

  static {
    ComputeThread.whenIdle(Script::closeUnused);
  }

  private final SharedPrograms<CompiledProgram>.Hold hold;
  private final CompiledProgram program;

  private Script(SharedPrograms<CompiledProgram>.Hold hold) {
    this.hold = hold;
    this.program = hold.program();
  }

  /**
   * Compiles a program, in the current scope, or takes one of the same source that is there.
   *
   * @param className the class that the source defines, with a method {@code forward}
   * @param source in the form that LibTorch itself writes sources in: operators of other libraries
   *     than its own are {@code ops.<library>.<operator>}
   * @return the program; the caller closes it
   * @throws RuntimeException if the source is wrong or names an operator that this LibTorch lacks
   */
  public static Script compile(String className, String source) {
    try {
      return new Script(shared.hold(className, source));
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
    return new IValue(new GenericList(program.elementType(argument)));
  }

  /**
   * An empty list for an argument that is a list of lists.
   *
   * @param argument its index, not counting {@code self}
   * @return a list for its elements
   */
  public IValue emptyElement(int argument) {
    return new IValue(new GenericList(program.elementType(argument).get().containedType(0)));
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
      program.run(stack);
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

  /** Frees programs that are kept for models to come; also done when nothing runs for a while. */
  public static void closeUnused() {
    shared.closeUnused(0);
  }

  @Override
  public void close() {
    hold.close();
  }
}
