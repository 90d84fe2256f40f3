package io.proxytune.core.renumbering;

import io.proxytune.ModelException;
import io.proxytune.PublishedDefaults;
import io.proxytune.Tokenizer;
import io.proxytune.core.sampling.ColumnOrder;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model that reads new ids and gives its logits in their order: −∞ for ids that it lacks, so that
 * what it says of the others is what it says by itself. The model's own owner closes it; as safe
 * for use by several threads as the model.
 */
public final class RenumberedModel implements LogitModel {
  private final LogitModel own;
  private final Optional<RenumberedModel> host;
  private final Numbering numbering;
  private final ColumnOrder order;

  RenumberedModel(
      LogitModel own, Optional<RenumberedModel> host, Numbering numbering, ColumnOrder order) {
    this.own = own;
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
  public String name() {
    return own.name();
  }

  @Override
  public int width() {
    return numbering.width();
  }

  @Override
  public int contextLength() {
    return own.contextLength();
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return own.endOfTextIds().stream()
        .map(numbering::toNew)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return own.tokenizer().map(tokenizer -> new RenumberedTokenizer(tokenizer, numbering));
  }

  /** None: they hold ids of the model's own, and nobody asks for them here. */
  @Override
  public PublishedDefaults publishedDefaults() {
    return PublishedDefaults.NONE;
  }

  @Override
  public LogitModel host() {
    return host.isPresent() ? host.get() : this;
  }

  @Override
  public boolean readsDrafts() {
    return own.readsDrafts();
  }

  @Override
  public boolean sharesPasses() {
    return own.sharesPasses();
  }

  @Override
  public long sessionBytes(int capacity) {
    return own.sessionBytes(capacity);
  }

  @Override
  public OptionalLong freeBytes() {
    return own.freeBytes();
  }

  @Override
  public long forkBytes(int tokens, int capacity) {
    return own.forkBytes(tokens, capacity);
  }

  @Override
  public int draftableLength() {
    return own.draftableLength();
  }

  /** −∞ stays −∞ within a bound. */
  @Override
  public OptionalDouble logitCap() {
    return own.logitCap();
  }

  @Override
  public LogitSession newSession(int capacity) {
    return own.newSession(capacity);
  }

  @Override
  public Logits forward(List<Segment> segments) {
    return ordered(own.forward(segments.stream().map(this::toOwn).toList()));
  }

  @Override
  public boolean runsElsewhere() {
    return own.runsElsewhere();
  }

  @Override
  public PendingLogits begin(List<Segment> segments) {
    PendingLogits begun = own.begin(segments.stream().map(this::toOwn).toList());
    return new PendingLogits() {
      @Override
      public Logits await(BooleanSupplier givenUp) {
        return ordered(begun.await(givenUp));
      }

      @Override
      public void close() {
        begun.close();
      }
    };
  }

  private Logits ordered(@Nullable Logits given) {
    try (Logits logits = checked(given)) {
      return order.of(logits);
    }
  }

  private Segment toOwn(Segment segment) {
    int[] ids = Arrays.stream(segment.tokens()).map(numbering::toOwn).toArray();
    return new Segment(segment.session(), ids, segment.rows());
  }

  /** An application's own model may break its contract. */
  private Logits checked(@Nullable Logits logits) {
    if (logits != null && logits.width() == own.width()) {
      return logits;
    }
    String got = "null";
    if (logits != null) {
      got = String.format("logits [%d, %d]", logits.rows(), logits.width());
      logits.close();
    }
    throw new ModelException(
        String.format(
            "the model '%s' returned %s from forward(...), expected rows of %d logits",
            own.name(), got, own.width()));
  }

  @Override
  public void close() {
    own.close();
  }
}
