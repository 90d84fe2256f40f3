package io.proxytune.core.torch.sampling;

import static java.util.Objects.requireNonNull;

import io.proxytune.Fusion.Space;
import io.proxytune.core.sampling.Blend;
import io.proxytune.core.sampling.Blend.Source;
import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.core.sampling.RowChecks;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The rows of a blend as tensors, which are there until this is closed. For one thread. */
final class BlendRows implements AutoCloseable {
  private final Blend blend;
  private final DeviceTensors held = new DeviceTensors();
  private final IdentityHashMap<Source, Tensor> tensors = new IdentityHashMap<>();

  BlendRows(Blend blend) {
    this.blend = blend;
    try {
      hold(blend.base());
      for (Term term : blend.terms()) {
        hold(term.source());
        term.against().ifPresent(this::hold);
      }
    } catch (RuntimeException | Error e) {
      held.close();
      throw e;
    }
  }

  private void hold(Source source) {
    tensors.put(source, held.rowsOf(source.rows()));
  }

  /**
   * The base's values of some rows with all that is added to them, float64, a new tensor.
   *
   * @param strengths a factor for each of the rows
   * @param like a tensor of the device
   */
  Tensor sum(int[] rows, double[] strengths, Tensor like) {
    Tensor sum = values(blend.base(), rows, like);
    for (Term term : blend.terms()) {
      if (term.weight() != 0) {
        double[] factors = Arrays.stream(strengths).map(s -> s * term.weight()).toArray();
        Tensor column = HeapTensors.upload(factors, like).unsqueeze(1);
        if (term.against().isPresent()) {
          addPair(sum, term, column, rows);
        } else {
          addAlone(sum, term, column, rows);
        }
      }
    }
    return sum;
  }

  private void addPair(Tensor sum, Term term, Tensor column, int[] rows) {
    prefix(sum, blend.end(term)).add_(difference(term, rows, sum).mul_(column));
  }

  /** Of the ids from 0 to the term's end; 0 where the models are equal or the id is not shared. */
  Tensor difference(Term term, int[] rows, Tensor like) {
    int end = blend.end(term);
    Tensor source = prefix(values(term.source(), rows, like), end);
    Tensor against = prefix(values(term.against().orElseThrow(), rows, like), end);
    Tensor difference = source.sub(against).masked_fill_(source.eq(against), new Scalar(0.0));
    Tensor holes = Fusion.holesBelow(end, term.sharedIds(), like);
    return holes == null ? difference : difference.index_fill_(1, holes, new Scalar(0.0));
  }

  private void addAlone(Tensor sum, Term term, Tensor column, int[] rows) {
    int end = blend.end(term);
    boolean ofLogs = blend.space() != Space.PROBABILITIES;
    Scalar least = ofLogs ? TorchBlend.banned() : new Scalar(0.0);
    Tensor all = sum.clone().fill_(least);
    prefix(all, end).copy_(prefix(values(term.source(), rows, sum), end));
    Tensor holes = Fusion.holesBelow(end, term.sharedIds(), sum);
    if (holes != null) {
      all.index_fill_(1, holes, least);
    }
    Tensor lacks = all.isneginf().logical_and_(column.lt(new Scalar(0.0)));
    sum.add_(all.mul_(column).masked_fill_(lacks, new Scalar(0.0)));
  }

  /** Some rows of a source in the space, float64, a new tensor on the device. */
  Tensor values(Source source, int[] rows, Tensor like) {
    Tensor given = TorchLogitMath.selected(requireNonNull(tensors.get(source)), rows);
    Tensor logits =
        given.to(like.device(), ScalarType.Double, false, true, new MemoryFormatOptional());
    return switch (blend.space()) {
      case LOGITS -> logits;
      case LOG_PROBABILITIES -> capped(logits, source.cap()).log_softmax(1);
      case PROBABILITIES -> capped(logits, source.cap()).softmax(1);
    };
  }

  static Tensor capped(Tensor logits, OptionalDouble cap) {
    return cap.isEmpty() ? logits : Fusion.capped(logits, cap.getAsDouble());
  }

  private static Tensor prefix(Tensor rows, int end) {
    return Fusion.prefix(rows, end);
  }

  /** The ids of a row that are no candidates, a mask. */
  Tensor others(Tensor ownRow, double largest, int row) {
    CandidateMask mask = new CandidateMask(ownRow, largest);
    if (mask.isOfBase(blend.candidates()) || blend.terms().isEmpty()) {
      return mask.others(blend.candidates(), ownRow, largest);
    }
    Tensor other = other(ownRow, row);
    double otherLargest = other.max().item_double();
    return RowChecks.isUsable(otherLargest)
        ? mask.others(blend.candidates(), other, otherLargest)
        : mask.none();
  }

  /** The row of the first term's source, of those of its ids that the base may give. */
  private Tensor other(Tensor ownRow, int row) {
    Term term = blend.terms().get(0);
    int end = blend.end(term);
    Tensor given = requireNonNull(tensors.get(term.source())).select(0, row).narrow(0, 0, end);
    Tensor other = ownRow.clone().fill_(TorchBlend.banned());
    other.narrow(0, 0, end).copy_(given);
    Tensor holes = Fusion.holesBelow(end, term.sharedIds(), ownRow);
    if (holes != null) {
      other.index_fill_(0, holes, TorchBlend.banned());
    }
    return other.masked_fill_(ownRow.isneginf(), TorchBlend.banned());
  }

  @Override
  public void close() {
    held.close();
  }
}
