package io.proxytune.core.renumbering;

import io.proxytune.Tokenizer;
import io.proxytune.core.sampling.ColumnOrder;
import io.proxytune.core.wrapped.WrappedModel;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model that reads new ids and gives its logits in their order: −∞ for ids that it lacks, so that
 * what it says of the others is what it says by itself. The model's own owner closes it; as safe
 * for use by several threads as the model.
 */
public final class RenumberedModel extends WrappedModel {
  private final Optional<RenumberedModel> host;
  private final Numbering numbering;
  private final ColumnOrder order;

  RenumberedModel(
      LogitModel own, Optional<RenumberedModel> host, Numbering numbering, ColumnOrder order) {
    super(own);
    this.host = host;
    this.numbering = numbering;
    this.order = order;
  }

  /**
   * Whether the model has an id: a logit for it, and an embedding.
   *
   * @param id any id
   * @return whether it can be read and has a logit that is the model's
   */
  public boolean has(int id) {
    return numbering.has(id);
  }

  /**
   * The numbering.
   *
   * @return the new ids
   */
  public Numbering numbering() {
    return numbering;
  }

  @Override
  public int width() {
    return numbering.width();
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return own().endOfTextIds().stream()
        .map(numbering::toNew)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return own().tokenizer().map(tokenizer -> new RenumberedTokenizer(tokenizer, numbering));
  }

  @Override
  public LogitModel host() {
    return host.isPresent() ? host.get() : this;
  }

  @Override
  public boolean readsDrafts() {
    return own().readsDrafts();
  }

  /** −∞ stays −∞ within a bound. */
  @Override
  public OptionalDouble logitCap() {
    return own().logitCap();
  }

  @Override
  public LogitSession newSession(int capacity) {
    return own().newSession(capacity);
  }

  @Override
  public Logits forward(List<Segment> segments) {
    List<Segment> read = toOwn(segments);
    return ordered(own().forward(read), read);
  }

  @Override
  public boolean runsElsewhere() {
    return own().runsElsewhere();
  }

  @Override
  public PendingLogits begin(List<Segment> segments) {
    List<Segment> read = toOwn(segments);
    PendingLogits begun = own().begin(read);
    return new PendingLogits() {
      @Override
      public Logits await(BooleanSupplier givenUp) {
        return ordered(begun.await(givenUp), read);
      }

      @Override
      public void close() {
        begun.close();
      }
    };
  }

  private Logits ordered(@Nullable Logits given, List<Segment> read) {
    try (Logits logits = checked(given, read)) {
      return order.of(logits);
    }
  }

  private List<Segment> toOwn(List<Segment> segments) {
    return segments.stream().map(this::toOwn).toList();
  }

  private Segment toOwn(Segment segment) {
    int[] ids = Arrays.stream(segment.tokens()).map(numbering::toOwn).toArray();
    return new Segment(segment.session(), ids, segment.rows());
  }
}
