package io.proxytune.core.torch.kept;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.SafetensorsFile;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.files.FileWatch;
import io.proxytune.core.torch.ParallelRead;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An open file of packed weights. It stays readable where another process puts a new one in its
 * place. For one thread.
 */
public final class KeptFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, Tensor> examples = new HashMap<>(); // by what they are like

  private KeptFile(Path path, FileChannel channel, Map<String, StoredTensor> tensors) {
    this.path = path;
    this.channel = channel;
    this.tensors = tensors;
  }

  /**
   * Opens a file.
   *
   * @param path where it is
   * @param metadata what it must say of itself
   * @return the open file; the caller closes it
   * @throws CheckpointException if it can't be read, is damaged or says something else
   */
  @SuppressWarnings("resource") // closed with what it returns
  public static KeptFile open(Path path, Map<String, String> metadata) {
    FileWatch watch = new FileWatch();
    watch.watch(path);
    FileChannel channel = channel(path);
    try {
      SafetensorsFile.Contents contents = SafetensorsFile.contents(path);
      watch.requireUnchanged(); // the header is that of the file that is open
      if (!contents.metadata().equals(metadata)) {
        throw new CheckpointException(
            lenientFormat(
                "%s must say %s of itself, got %s: it was written for other weights, or by another"
                    + " version",
                path, metadata, contents.metadata()));
      }
      return new KeptFile(path, channel, contents.tensors());
    } catch (RuntimeException | Error e) {
      close(channel);
      throw e;
    }
  }

  private static FileChannel channel(Path path) {
    try {
      return FileChannel.open(path);
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + path + ": " + e, e);
    }
  }

  /**
   * The tensors of a weight.
   *
   * @param weight its name
   * @return reads them; each reading fails where there are none
   */
  public KeptWeight weight(String weight) {
    return new Kept(weight, name -> name);
  }

  /** The name of a weight's tensor in a file. */
  static String name(String weight, String part) {
    return weight + ':' + part;
  }

  /** The tensors of one weight, or of a part of it. */
  private final class Kept implements KeptWeight {
    private final String weight;
    private final UnaryOperator<String> naming;

    Kept(String weight, UnaryOperator<String> naming) {
      this.weight = weight;
      this.naming = naming;
    }

    private String stored(String part) {
      return name(weight, naming.apply(part));
    }

    @Override
    public boolean has(String part) {
      return tensors.containsKey(stored(part));
    }

    @Override
    public KeptWeight part(int number) {
      return new Kept(weight, name -> KeptWeight.ofPart(name, number));
    }

    @Override
    public Tensor read(String part, ScalarType type, long... shape) {
      StoredTensor found = find(stored(part), type, shape);
      Tensor tensor = torch.empty(shape, new TensorOptions(type), null);
      fill(tensor, found);
      return tensor;
    }

    @Override
    public void readInto(String part, Tensor target) {
      long[] shape = LongStream.range(0, target.dim()).map(target::size).toArray();
      fill(target, find(stored(part), target.scalar_type().intern(), shape));
    }

    @Override
    public Tensor like(String name, Supplier<Tensor> first) {
      Tensor example = examples.get(name);
      if (example != null) {
        return example.clone();
      }
      Tensor made = first.get();
      Tensor held = new Tensor(made);
      held.retainReference();
      examples.put(name, held);
      return made;
    }
  }

  private StoredTensor find(String name, ScalarType type, long[] shape) {
    StoredTensor stored = tensors.get(name);
    if (stored == null) {
      throw new KeptWeight.UnusableException(path + " has no tensor " + name);
    }
    if (stored.type() != KeptTypes.of(type)
        || !stored.shape().equals(Arrays.stream(shape).boxed().collect(Collectors.toList()))) {
      throw new KeptWeight.UnusableException(
          lenientFormat(
              "tensor %s of %s must be %s%s, got %s%s",
              name,
              path,
              KeptTypes.of(type),
              Arrays.toString(shape),
              stored.type(),
              stored.shape()));
    }
    return stored;
  }

  private void fill(Tensor tensor, StoredTensor stored) {
    try {
      ParallelRead.into(tensor, (at, target) -> read(stored.offset() + at, target));
    } catch (IOException e) {
      throw new KeptWeight.UnusableException(
          "cannot read tensor " + stored.name() + " of " + path, e);
    }
  }

  private void read(long offset, ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target, offset + target.position()) < 0) {
        throw new EOFException("it ends after " + channel.size() + " bytes");
      }
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It was only read.
    }
  }

  @Override
  public void close() {
    examples.values().forEach(Tensor::close);
    examples.clear();
    close(channel);
  }
}
