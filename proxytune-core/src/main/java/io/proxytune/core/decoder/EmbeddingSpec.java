package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What the first layer reads: immutable.
 *
 * @param tensor {@code [vocabulary, size]}
 * @param vocabulary the number of its rows, which is the width of the logits
 * @param size the number of its columns, the width of the residual stream unless projected
 * @param scale the factor of its rows, which is rounded to the model's dtype as transformers does
 * @param projection {@code [width, size]}, what brings rows to the width of the residual stream
 * @param positions what is added for a token's position
 * @param norm the norm of the sum (BLOOM)
 */
public record EmbeddingSpec(
    String tensor,
    int vocabulary,
    int size,
    double scale,
    Optional<LinearSpec> projection,
    Optional<LearnedPositions> positions,
    Optional<NormSpec> norm) {
  /**
   * A learned row for each position.
   *
   * @param tensor {@code [rows, width]}
   * @param rows how many it has
   * @param offset the row of the first position
   */
  public record LearnedPositions(String tensor, int rows, int offset) {
    public LearnedPositions {
      requireNonNull(tensor, "tensor");
      checkArgument(offset >= 0 && rows > offset, "%s rows from row %s on", rows, offset);
    }
  }

  public EmbeddingSpec {
    requireNonNull(tensor, "tensor");
    checkArgument(vocabulary >= 1, "vocabulary must be >= 1, got %s", vocabulary);
    checkArgument(size >= 1, "size must be >= 1, got %s", size);
    requireNonNull(projection, "projection");
    requireNonNull(positions, "positions");
    requireNonNull(norm, "norm");
  }

  /**
   * A table of rows and nothing else.
   *
   * @param tensor {@code [vocabulary, size]}
   * @param vocabulary the number of its rows
   * @param size the number of its columns
   * @return the embedding
   */
  public static EmbeddingSpec of(String tensor, int vocabulary, int size) {
    return new EmbeddingSpec(
        tensor, vocabulary, size, 1, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * The same with a factor.
   *
   * @param factor the factor of its rows
   * @return the embedding
   */
  public EmbeddingSpec withScale(double factor) {
    return new EmbeddingSpec(tensor, vocabulary, size, factor, projection, positions, norm);
  }

  /**
   * The same with learned positions.
   *
   * @param learned what is added for a token's position
   * @return the embedding
   */
  public EmbeddingSpec withPositions(LearnedPositions learned) {
    return new EmbeddingSpec(
        tensor, vocabulary, size, scale, projection, Optional.of(learned), norm);
  }

  /**
   * The same with a norm of the sum.
   *
   * @param ofSum the norm
   * @return the embedding
   */
  public EmbeddingSpec withNorm(NormSpec ofSum) {
    return new EmbeddingSpec(
        tensor, vocabulary, size, scale, projection, positions, Optional.of(ofSum));
  }
}
