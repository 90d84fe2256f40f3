package io.proxytune.core.torch.script;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Method;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.TypeKind;
import org.jspecify.annotations.Nullable;

/** What LibTorch made of a source. Immutable but for {@link #close()}. */
final class CompiledProgram implements AutoCloseable {
  private static final String ENTRY = "forward";

  private final JitModule module;
  private final Method entry;
  private final FunctionSchema schema;

  /** Of each argument that is a list; null elsewhere. */
  private final List<Type.@Nullable TypePtr> elementTypes = new ArrayList<>();

  private CompiledProgram(JitModule module) {
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
   * Compiles a source, in the current scope.
   *
   * @throws IOException if there is no room for a temporary file
   */
  static CompiledProgram of(String className, String source) throws IOException {
    Path folder = Files.createTempDirectory("proxytune"); // for its owner alone
    Path file = folder.resolve("program.pt");
    try {
      ScriptArchive.write(file, className, source);
      return new CompiledProgram(torch.load(file.toString()));
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  /** The type of a list argument's elements. */
  Type.@Nullable TypePtr elementType(int argument) {
    return elementTypes.get(argument);
  }

  void run(IValueVector stack) {
    entry.run(stack);
  }

  @Override
  public void close() {
    elementTypes.stream().filter(Objects::nonNull).forEach(Type.TypePtr::close);
    schema.close();
    entry.close();
    module.close();
  }
}
