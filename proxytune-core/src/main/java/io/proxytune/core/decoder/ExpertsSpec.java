package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A mixture of experts (arXiv 1701.06538): each token goes through the MLPs that a router gives the
 * greatest shares, and the results are summed by these. Immutable.
 *
 * @param router {@code [experts, width]}
 * @param scoring how the router's outputs become shares
 * @param active how many experts a token goes through
 * @param renormalized whether the shares of these are scaled to the sum 1
 * @param shareScale the factor of shares thereafter
 * @param experts the MLPs, all of one shape
 * @param shared an MLP that every token goes through beside them
 * @param sharedGate {@code [1, width]}, whose sigmoid is the factor of what {@code shared} gives
 */
public record ExpertsSpec(
    LinearSpec router,
    Scoring scoring,
    int active,
    boolean renormalized,
    double shareScale,
    List<MlpSpec> experts,
    Optional<MlpSpec> shared,
    Optional<LinearSpec> sharedGate)
    implements FeedForwardSpec {
  /**
   * How the outputs of a router become shares.
   *
   * @param function of all outputs together, or of each
   * @param correction what is added to the shares for the choice alone (DeepSeek-V3)
   * @param groups how many groups the experts fall into for the choice; 1: none
   * @param activeGroups how many of them are looked at
   * @param bestPerGroup of how many of its experts the shares are summed to judge a group
   */
  public record Scoring(
      Function function,
      Optional<Correction> correction,
      int groups,
      int activeGroups,
      int bestPerGroup) {
    /** How an output becomes a share. */
    public enum Function {
      /** Over all experts. */
      SOFTMAX,
      /** Of each by itself. */
      SIGMOID
    }

    /**
     * What is added to the shares of experts.
     *
     * @param tensor its name
     * @param isRow whether it is stored as {@code [1, experts]} and not as {@code [experts]}
     */
    public record Correction(String tensor, boolean isRow) {}

    /** The common one: softmax, the best of all. */
    public static final Scoring SOFTMAX = new Scoring(Function.SOFTMAX, Optional.empty(), 1, 1, 1);
  }

  public ExpertsSpec {
    requireNonNull(router, "router");
    requireNonNull(scoring, "scoring");
    experts = List.copyOf(experts);
    checkArgument(
        active >= 1 && active <= experts.size(),
        "active must be from 1 to the %s experts, got %s",
        experts.size(),
        active);
    requireNonNull(shared, "shared");
    requireNonNull(sharedGate, "sharedGate");
  }

  /**
   * The same with an MLP that every token goes through.
   *
   * @param mlp the MLP
   * @param gate {@code [1, width]}, whose sigmoid is the factor of what it gives, if it has one
   * @return the mixture
   */
  public ExpertsSpec withShared(MlpSpec mlp, Optional<LinearSpec> gate) {
    return new ExpertsSpec(
        router, scoring, active, renormalized, shareScale, experts, Optional.of(mlp), gate);
  }

  @Override
  public Stream<LinearSpec> linears() {
    return Stream.of(
            Stream.of(router),
            experts.stream().flatMap(MlpSpec::linears),
            shared.stream().flatMap(MlpSpec::linears),
            sharedGate.stream())
        .flatMap(each -> each);
  }
}
