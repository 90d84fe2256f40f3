package io.proxytune.core.training;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The sizes of a new Llama: immutable.
 *
 * @param vocabularySize the rows of the embedding, at least the tokenizer's vocabulary
 * @param hiddenSize the width of the residual stream, an even multiple of {@code heads}
 * @param layers the number of layers
 * @param heads the number of query heads
 * @param kvHeads the number of key and value heads, a divisor of {@code heads}
 * @param intermediateSize the width inside the MLP
 * @param contextLength how many positions the model has
 * @param ropeTheta the base of the rotary embeddings' wavelengths, 10,000 in the first Llamas
 * @param normEpsilon what RMS norm adds to the mean square, commonly 1e-5
 * @param tiedHead whether the embedding is the head's weight too
 * @param causal whether a token sees those before it alone; else a text is read in one pass, as
 *     masked diffusion does
 */
public record ModelShape(
    int vocabularySize,
    int hiddenSize,
    int layers,
    int heads,
    int kvHeads,
    int intermediateSize,
    int contextLength,
    double ropeTheta,
    double normEpsilon,
    boolean tiedHead,
    boolean causal) {
  /** A causal Llama, of the parts of the record without {@code causal}. */
  public ModelShape(
      int vocabularySize,
      int hiddenSize,
      int layers,
      int heads,
      int kvHeads,
      int intermediateSize,
      int contextLength,
      double ropeTheta,
      double normEpsilon,
      boolean tiedHead) {
    this(
        vocabularySize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        intermediateSize,
        contextLength,
        ropeTheta,
        normEpsilon,
        tiedHead,
        true);
  }

  public ModelShape {
    checkAtLeastOne("vocabularySize", vocabularySize);
    checkAtLeastOne("hiddenSize", hiddenSize);
    checkAtLeastOne("layers", layers);
    checkAtLeastOne("heads", heads);
    checkAtLeastOne("kvHeads", kvHeads);
    checkAtLeastOne("intermediateSize", intermediateSize);
    checkAtLeastOne("contextLength", contextLength);
    checkArgument(
        hiddenSize % (2 * heads) == 0,
        "hiddenSize must be an even multiple of heads %s, got %s",
        heads,
        hiddenSize);
    checkArgument(heads % kvHeads == 0, "kvHeads must divide heads %s, got %s", heads, kvHeads);
    checkPositive("ropeTheta", ropeTheta);
    checkPositive("normEpsilon", normEpsilon);
  }

  private static void checkAtLeastOne(String name, int value) {
    checkArgument(value >= 1, "%s must be >= 1, got %s", name, value);
  }

  private static void checkPositive(String name, double value) {
    checkArgument(
        value > 0 && value < Double.POSITIVE_INFINITY,
        "%s must be finite and > 0, got %s",
        name,
        value);
  }

  /**
   * The same whose tokens see those on both sides.
   *
   * @return the shape
   */
  public ModelShape bidirectional() {
    return new ModelShape(
        vocabularySize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        intermediateSize,
        contextLength,
        ropeTheta,
        normEpsilon,
        tiedHead,
        false);
  }

  /**
   * The number of weights.
   *
   * @return the parameters, a tied head not counted again
   */
  public long parameters() {
    long hidden = hiddenSize;
    long headDim = hidden / heads;
    long attention = 2 * hidden * hidden + 2 * hidden * headDim * kvHeads;
    long layer = attention + 3 * hidden * intermediateSize + 2 * hidden;
    return layers * layer + hidden + hidden * vocabularySize * (tiedHead ? 1 : 2);
  }
}
