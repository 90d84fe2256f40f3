package io.proxytune.examples.training;

import io.proxytune.core.training.LoraOptions;
import io.proxytune.core.training.ModelShape;

/**
 * All the settings of the miniature family, which were chosen on the development set.
 *
 * @param baseShape sizes of the base; its vocabulary is set when the world is known
 * @param smallShape sizes of the anti-expert and the experts
 * @param base how the base is pretrained
 * @param small how the anti-expert is pretrained, on less text than the base
 * @param baseTuned how the base is tuned, as the yardstick
 * @param expert how the expert is tuned
 * @param lora sizes of the expert that is an adapter
 * @param expertLora how that adapter is tuned
 */
public record FamilyRecipe(
    ModelShape baseShape,
    ModelShape smallShape,
    StageRecipe base,
    StageRecipe small,
    StageRecipe baseTuned,
    StageRecipe expert,
    LoraOptions lora,
    StageRecipe expertLora) {
  private static final int CONTEXT_LENGTH = 128;
  private static final int STEP = 2_048;
  private static final int SMALL_STEP = 128;

  /**
   * The family that ships.
   *
   * @return its settings
   */
  public static FamilyRecipe shipped() {
    return new FamilyRecipe(
        shape(256, 6, 4, 704),
        shape(96, 3, 3, 264),
        new StageRecipe(2_400, 2e-3, 72, STEP),
        new StageRecipe(1_500, 4e-3, 45, STEP),
        new StageRecipe(140, 3e-4, 5, STEP),
        new StageRecipe(130, 5e-4, 5, STEP),
        LoraOptions.defaults().withRank(16).withAlpha(32),
        new StageRecipe(110, 4e-3, 5, STEP));
  }

  /**
   * A family that is trained in seconds and knows nothing, to try the way.
   *
   * @return its settings
   */
  public static FamilyRecipe quick() {
    return new FamilyRecipe(
        shape(16, 2, 2, 32),
        shape(8, 1, 1, 16),
        new StageRecipe(6, 2e-3, 1, SMALL_STEP),
        new StageRecipe(4, 4e-3, 1, SMALL_STEP),
        new StageRecipe(3, 3e-4, 1, SMALL_STEP),
        new StageRecipe(3, 8e-4, 1, SMALL_STEP),
        LoraOptions.defaults().withRank(2).withAlpha(4),
        new StageRecipe(3, 4e-3, 1, SMALL_STEP));
  }

  private static ModelShape shape(int hidden, int layers, int heads, int intermediate) {
    return new ModelShape(
        1, hidden, layers, heads, heads, intermediate, CONTEXT_LENGTH, 10_000, 1e-5, false);
  }

  static ModelShape withVocabulary(ModelShape shape, int vocabulary) {
    return new ModelShape(
        vocabulary,
        shape.hiddenSize(),
        shape.layers(),
        shape.heads(),
        shape.kvHeads(),
        shape.intermediateSize(),
        shape.contextLength(),
        shape.ropeTheta(),
        shape.normEpsilon(),
        shape.tiedHead());
  }
}
