package io.proxytune.core.torch;

import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Operation;
import org.bytedeco.pytorch.OperatorVector;
import org.bytedeco.pytorch.Symbol;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An operator called by name through LibTorch's registry, for those that have no Java method. Safe
 * for use by several threads.
 */
public final class BoxedOperator {
  private final Operation operation;
  private final FunctionSchema schema;

  private BoxedOperator(Operation operation, FunctionSchema schema) {
    this.operation = operation;
    this.schema = schema;
    // Operators live as long as the process; their handles must outlive the scope that found them.
    operation.retainReference();
    schema.retainReference();
  }

  /**
   * Looks an operator up.
   *
   * @param name namespace and name, such as {@code mkldnn::_linear_pointwise}
   * @param overload the overload's name, empty for the unnamed one
   * @return the operator, or nothing where this build of LibTorch lacks it
   */
  public static Optional<BoxedOperator> find(String name, String overload) {
    OperatorVector operators = torch.getAllOperatorsFor(Symbol.fromQualString(name));
    for (long i = 0; i < operators.size(); i++) {
      FunctionSchema schema = operators.get(i).schema();
      BytePointer own = schema.overload_name(); // null for the empty name
      if ((own == null ? "" : own.getString()).equals(overload)) {
        return Optional.of(new BoxedOperator(operators.get(i).getOperation(), schema));
      }
    }
    return Optional.empty();
  }

  /**
   * An empty list for an argument of a list type; the registry wants the exact element type.
   *
   * @param argument the argument's index
   * @return the list
   */
  public IValue emptyList(int argument) {
    Argument declared = new Argument(schema.arguments().getPointer(argument));
    return new IValue(new GenericList(declared.type().get().containedType(0)));
  }

  /**
   * Calls the operator.
   *
   * @param arguments every argument, in order
   * @return its result, a tensor
   */
  public Tensor call(IValue... arguments) {
    try (IValueVector stack = run(arguments)) {
      // A copy of the handle: the one on the stack goes with the stack.
      return new Tensor(stack.back().toTensor());
    }
  }

  /**
   * Calls an operator that returns something else than a tensor.
   *
   * @param arguments every argument, in order
   * @return its result
   */
  public IValue callForObject(IValue... arguments) {
    try (IValueVector stack = run(arguments)) {
      return new IValue(stack.back());
    }
  }

  /**
   * Calls an operator that returns several things.
   *
   * @param arguments every argument, in order
   * @return its results, in order; the caller closes them
   */
  public IValueVector callForAll(IValue... arguments) {
    return run(arguments);
  }

  private IValueVector run(IValue... arguments) {
    IValueVector stack = new IValueVector();
    for (IValue argument : arguments) {
      stack.push_back(argument);
    }
    operation.apply(stack);
    return stack;
  }
}
