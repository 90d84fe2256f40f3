package io.proxytune.core.torch.sampling;

import io.proxytune.Penalties;
import io.proxytune.core.sampling.TokenHistory;
import io.proxytune.core.torch.TorchScope;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The distinct ids of a sequence and how often each was generated, in arrays and, once a penalty
 * needs them, in preallocated tensors that follow token by token.
 */
final class SeenIds implements AutoCloseable {
  private static final int SPARE = 256;

  private final Map<Integer, Integer> slots = new HashMap<>();
  private final int promptSlots;
  private int[] ids = new int[SPARE];
  private double[] counts = new double[SPARE];
  private @Nullable Device device;

  /** The arrays' copy on a device: as long as the arrays, valid in the slots taken. */
  private record Device(Tensor ids, Tensor counts, TensorSet owned) {}

  SeenIds(TokenHistory history) {
    history.promptIds().forEach(this::slotOf);
    promptSlots = slots.size();
    history.generatedIds().forEach(this::count);
  }

  /** Counts a generated token. */
  void append(int id) {
    int slot = count(id);
    if (device != null) {
      try (TorchScope scope = TorchScope.open()) {
        device.ids.narrow(0, slot, 1).fill_(new Scalar((long) id));
        device.counts.narrow(0, slot, 1).fill_(new Scalar(counts[slot]));
      }
    }
  }

  /**
   * Takes back the last generated tokens, in order: what they brought is what is taken back first.
   *
   * @param ids the last tokens that were appended, in the order of the text
   */
  void remove(List<Integer> ids) {
    for (int i = ids.size() - 1; i >= 0; i--) {
      remove(ids.get(i));
    }
  }

  private void remove(int id) {
    int slot = slotOf(id);
    counts[slot]--;
    if (counts[slot] == 0 && slot == slots.size() - 1 && slot >= promptSlots) {
      slots.remove(id);
    } else if (device != null) {
      try (TorchScope scope = TorchScope.open()) {
        device.counts.narrow(0, slot, 1).fill_(new Scalar(counts[slot]));
      }
    }
  }

  private int count(int id) {
    int slot = slotOf(id); // first: it may replace the array
    counts[slot]++;
    return slot;
  }

  private int slotOf(int id) {
    Integer known = slots.get(id);
    if (known != null) {
      return known;
    }
    int slot = slots.size();
    if (slot == ids.length) {
      close(); // uploaded anew, with room to spare, by the next penalty
      ids = Arrays.copyOf(ids, 2 * slot);
      counts = Arrays.copyOf(counts, 2 * slot);
    }
    ids[slot] = id;
    slots.put(id, slot);
    return slot;
  }

  /** Applies repetition, then frequency and presence penalties. */
  void penalise(Tensor row, Penalties penalties) {
    if (slots.isEmpty()) {
      return;
    }
    Device tensors = onDeviceOf(row);
    Tensor seen = tensors.ids.narrow(0, 0, slots.size());
    if (penalties.repetition() != 1) {
      Tensor logits = row.index_select(0, seen).to(ScalarType.Double);
      Scalar factor = new Scalar(penalties.repetition());
      Tensor penalised =
          torch.where(logits.lt(new Scalar(0)), logits.mul(factor), logits.div(factor));
      row.index_copy_(0, seen, penalised.to(ScalarType.Float));
    }
    if (penalties.frequency() != 0 || penalties.presence() != 0) {
      Tensor count = tensors.counts.narrow(0, 0, slots.size());
      Tensor presence = count.gt(new Scalar(0)).to(ScalarType.Double);
      Tensor penalty =
          count
              .mul(new Scalar(penalties.frequency()))
              .add_(presence.mul_(new Scalar(penalties.presence())));
      Tensor logits = row.index_select(0, seen).to(ScalarType.Double).sub_(penalty);
      row.index_copy_(0, seen, logits.to(ScalarType.Float));
    }
  }

  private Device onDeviceOf(Tensor row) {
    Device existing = device;
    if (existing != null && existing.ids.device().equals(row.device())) {
      return existing;
    }
    close();
    TensorSet owned = new TensorSet();
    Tensor idTensor = owned.keep(HeapTensors.upload(ids, row));
    Tensor countTensor = owned.keep(HeapTensors.upload(counts, row));
    Device fresh = new Device(idTensor, countTensor, owned);
    device = fresh;
    return fresh;
  }

  @Override
  public void close() {
    if (device != null) {
      device.owned.close();
      device = null;
    }
  }
}
