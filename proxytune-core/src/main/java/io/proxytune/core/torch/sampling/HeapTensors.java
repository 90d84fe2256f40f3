package io.proxytune.core.torch.sampling;

import io.proxytune.core.sampling.RowChecks;
import io.proxytune.model.Logits;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Copies between arrays and tensors. Tensors belong to the caller's scope. */
final class HeapTensors {
  private HeapTensors() {}

  /** A float32 tensor {@code [rows, width]} on the CPU. */
  static Tensor upload(Logits logits) {
    int width = logits.width();
    Tensor tensor = empty(ScalarType.Float, logits.rows(), width);
    FloatPointer data = tensor.data_ptr_float(); // null for no rows
    for (int row = 0; row < logits.rows(); row++) {
      data.position((long) row * width).put(RowChecks.read(logits, row));
    }
    return tensor;
  }

  /** A float32 vector on the device of another tensor. */
  static Tensor upload(float[] values, Tensor like) {
    Tensor tensor = empty(ScalarType.Float, values.length);
    if (values.length > 0) { // an empty tensor has no data pointer
      tensor.data_ptr_float().put(values);
    }
    return tensor.to(like.device(), ScalarType.Float);
  }

  /** A float64 vector on the device of another tensor. */
  static Tensor upload(double[] values, Tensor like) {
    Tensor tensor = empty(ScalarType.Double, values.length);
    if (values.length > 0) {
      tensor.data_ptr_double().put(values);
    }
    return tensor.to(like.device(), ScalarType.Double);
  }

  /** An int64 vector, as indices have to be, on the device of another tensor. */
  static Tensor upload(int[] values, Tensor like) {
    Tensor tensor = empty(ScalarType.Long, values.length);
    if (values.length > 0) {
      LongPointer data = tensor.data_ptr_long();
      for (int i = 0; i < values.length; i++) {
        data.put(i, values[i]);
      }
    }
    return tensor.to(like.device(), ScalarType.Long);
  }

  private static Tensor empty(ScalarType type, long... shape) {
    return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
  }

  /** The values of a float32 vector. */
  static float[] floats(Tensor vector) {
    Tensor values = vector.cpu().contiguous();
    float[] copy = new float[Math.toIntExact(values.numel())];
    values.data_ptr_float().get(copy);
    return copy;
  }

  /** The values of several tensors, one after the other, with one wait for the device. */
  static double[] doubles(Tensor... parts) {
    TensorVector vector = new TensorVector();
    for (Tensor part : parts) {
      vector.push_back(part.to(ScalarType.Double).flatten());
    }
    Tensor values = torch.cat(vector).cpu();
    double[] copy = new double[Math.toIntExact(values.numel())];
    if (copy.length > 0) {
      values.data_ptr_double().get(copy);
    }
    return copy;
  }
}
