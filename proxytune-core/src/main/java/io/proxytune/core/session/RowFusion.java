package io.proxytune.core.session;

import io.proxytune.Fusion;
import io.proxytune.Strength;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.sampling.Blend;
import io.proxytune.core.sampling.Blend.Source;
import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.Offset;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Fuses the rows of texts that are steered alike. Immutable; safe for use by several threads. */
public final class RowFusion {
  private static final double[] NONE = {};

  private final LogitMath math;
  private final Ensemble ensemble;
  private final List<SteeringPair> pairs;
  private final boolean addsPairs;
  private final RowStrengths strengths;

  /**
   * Prepares fusing.
   *
   * @param math what is computed on rows
   * @param ensemble the models, and how their rows are fused
   * @param pairs those that are run to be added
   */
  public RowFusion(LogitMath math, Ensemble ensemble, List<SteeringPair> pairs) {
    this.math = math;
    this.ensemble = ensemble;
    this.pairs = pairs;
    this.addsPairs = ensemble.addsPairsOfLogits();
    this.strengths = new RowStrengths(math, ensemble.fusion().strength());
  }

  /**
   * How strongly each row is steered.
   *
   * @param rows each role's
   * @param positions how many tokens of its text come before each row's, at least 0
   * @return a factor a row; nothing where no row has one of its own
   */
  public double[] strengths(RoleLogits rows, int[] positions) {
    return addsPairs ? NONE : strengths.of(blend(rows), positions);
  }

  /**
   * Whether the pairs are run only for the tokens that they steer.
   *
   * @return whether {@link #strengthsOfBase} says which these are
   */
  public boolean asksWhereNeeded() {
    return ensemble.asksWhereNeeded();
  }

  /**
   * How strongly each row is steered, by what the base says and nothing else.
   *
   * @param rows the base's, of others or none
   * @param positions how many tokens of its text come before each row's, at least 0
   * @return a factor a row
   */
  public double[] strengthsOfBase(RoleLogits rows, int[] positions) {
    Source base = source(rows, ensemble.base());
    Fusion fusion = ensemble.fusion();
    Blend alone =
        new Blend(base, List.of(), fusion.space(), fusion.candidates(), ensemble.emittable());
    return strengths.ofBase(alone, positions);
  }

  /**
   * Whether the pairs are run for a token although they do not steer it, to know what is lost. That
   * is drawn for each token of each text.
   *
   * @param text a seed of the text's own
   * @param position how many tokens of its text come before it
   * @return whether they are
   */
  public boolean audits(long text, int position) {
    return strengths.audits(text, position);
  }

  /**
   * The fused rows to pick from as they are where the pairs steer.
   *
   * @param rows each role's
   * @return the fused rows; the caller closes them
   */
  public Logits fuseFully(RoleLogits rows) {
    double[] full = new double[rows.of(ensemble.base()).rows()];
    Arrays.fill(full, strengths.full());
    return fuseToPick(rows, full);
  }

  /**
   * Whether a larger logit of the base never makes a fused one smaller, its own or another id's.
   *
   * @return whether a bound of what is unknown stays one
   */
  public boolean keepsBounds() {
    return addsPairs;
  }

  /**
   * Whether the strengths are an application's own.
   *
   * @return whether {@link #strengths} runs its code
   */
  public boolean runsCode() {
    return ensemble.fusion().strength() instanceof Strength.Custom;
  }

  /**
   * Takes some of the strengths.
   *
   * @param strengths those of all rows
   * @param rows the indices of the rows
   * @return theirs
   */
  public static double[] some(double[] strengths, int[] rows) {
    return strengths.length == 0
        ? strengths
        : Arrays.stream(rows).mapToDouble(row -> strengths[row]).toArray();
  }

  /**
   * The fused rows of every id, those without a token included: the distribution that is reported.
   * Where only candidates stay, or not all is logits, it is that which tokens are picked from.
   *
   * @param rows each role's
   * @param strengths of {@link #strengths}
   * @return the fused rows; the caller closes them
   */
  public Logits fuse(RoleLogits rows, double[] strengths) {
    return addsPairs
        ? addPairs(rows, IdRange.below(ensemble.base().source().width()))
        : fuseToPick(rows, strengths);
  }

  /**
   * The fused rows with the ids banned that the base has no token for.
   *
   * @param rows each role's
   * @param strengths of {@link #strengths}
   * @return the fused rows; the caller closes them
   */
  public Logits fuseToPick(RoleLogits rows, double[] strengths) {
    return addsPairs ? addPairs(rows, ensemble.emittable()) : math.fuse(blend(rows), strengths);
  }

  private Logits addPairs(RoleLogits rows, IdRange ids) {
    List<Offset> offsets =
        pairs.stream()
            .map(
                pair ->
                    new Offset(
                        rows.of(pair.expert()),
                        rows.of(pair.antiExpert().orElseThrow()),
                        pair.alpha(),
                        pair.sharedIds()))
            .toList();
    // Each role's rows are before its bound, and the sum is brought within the base's.
    OptionalDouble cap = ensemble.base().source().logitCap();
    return math.fuse(rows.of(ensemble.base()), offsets, ids, cap);
  }

  private Blend blend(RoleLogits rows) {
    List<Term> terms =
        pairs.stream()
            .map(
                pair ->
                    new Term(
                        source(rows, pair.expert()),
                        pair.antiExpert().map(role -> source(rows, role)),
                        pair.alpha(),
                        pair.sharedIds()))
            .toList();
    Fusion fusion = ensemble.fusion();
    Source base = source(rows, ensemble.base());
    return new Blend(base, terms, fusion.space(), fusion.candidates(), ensemble.emittable());
  }

  private static Source source(RoleLogits rows, ModelRole role) {
    return new Source(rows.of(role), role.source().logitCap());
  }
}
