package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes the statements of one method of a TorchScript program, and collects the tensors that they
 * refer to: {@code tensors} and {@code packed} are lists that the method is called with. Layers
 * that compute the same write the same text, and differ in their lists alone. For one thread,
 * within one scope.
 */
final class ScriptWriter {
  private static final String INDENT = "    ";

  private final ScriptProgram program;
  private final List<String> lines = new ArrayList<>();
  private final List<IValue> tensors = new ArrayList<>();
  private final List<IValue> packed = new ArrayList<>();
  private int names;
  private int linears;
  private int leastRows = 1;

  ScriptWriter(ScriptProgram program) {
    this.program = program;
  }

  /** One for the statements that follow in the same method, with the same lists. */
  ScriptWriter next() {
    ScriptWriter next = new ScriptWriter(program);
    next.names = names;
    next.addAll(this);
    return next;
  }

  /** What this is a method of. */
  ScriptProgram program() {
    return program;
  }

  /**
   * Computes something.
   *
   * @return the name that it has from now on
   */
  String let(String expression, Object... arguments) {
    String name = "v" + names++;
    lines.add(name + " = " + format(expression, arguments));
    return name;
  }

  /** A statement; those of a block begin with two spaces for each level. */
  void line(String statement, Object... arguments) {
    lines.add(format(statement, arguments));
  }

  /**
   * Changes a tensor that nobody else needs, in place where the program may do that.
   *
   * @param operator an operator of {@code torch} that has a form with an underscore
   * @return the name of the result
   */
  String update(String x, String operator, String arguments) {
    if (program.isForTraining()) {
      return let("torch.%s(%s, %s)", operator, x, arguments);
    }
    line("%s.%s_(%s)", x, operator, arguments);
    return x;
  }

  private static String format(String pattern, Object... arguments) {
    return String.format(Locale.ROOT, pattern, arguments);
  }

  /** A tensor of this method's own, as an expression. */
  String tensor(Tensor tensor) {
    return tensor(new IValue(tensor));
  }

  /** The same of one that is boxed already. */
  String tensor(IValue tensor) {
    tensors.add(tensor);
    return "tensors[" + (tensors.size() - 1) + "]";
  }

  /** A weight that is no tensor, as an expression: {@link HalfLinear#SCRIPT_TYPE}. */
  String packed(IValue weight) {
    packed.add(weight);
    return "packed[" + (packed.size() - 1) + "]";
  }

  /** Takes over another method's tensors, behind those that are here. */
  void addAll(ScriptWriter other) {
    tensors.addAll(other.tensors);
    packed.addAll(other.packed);
  }

  /** The place of the next linear layer among those that an adapter can add to. */
  int nextLinear() {
    return linears++;
  }

  /** Says that fewer rows are best padded to so many. */
  void padTo(int rows) {
    leastRows = Math.max(leastRows, rows);
  }

  /** The number of rows to which fewer are padded. */
  int leastRows() {
    return leastRows;
  }

  /** The statements so far, indented as those of a method. */
  String text() {
    return lines.stream().map(line -> INDENT + line + "\n").reduce("", String::concat);
  }

  List<IValue> tensors() {
    return tensors;
  }

  List<IValue> packed() {
    return packed;
  }
}
