package io.proxytune.examples.training;

import java.util.Locale;

/** The models of the family, in the order in which they are trained. */
public enum Stage {
  SMALL("small", "the small model before tuning: the anti-expert"),
  EXPERT("expert", "the small model, tuned to answer chats: the expert"),
  EXPERT_LORA("expert-lora", "the expert as a LoRA adapter on the small model"),
  BASE("base", "the large model before tuning: the base that is steered"),
  BASE_TUNED("base-tuned", "the large model, tuned directly: the yardstick");

  private final String folder;
  private final String role;

  Stage(String folder, String role) {
    this.folder = folder;
    this.role = role;
  }

  /**
   * The name of its folder.
   *
   * @return for example {@code base-tuned}
   */
  public String folder() {
    return folder;
  }

  String role() {
    return role;
  }

  /** Whether it learns chats, not plain text. */
  boolean tuned() {
    return this != BASE && this != SMALL;
  }

  /** The stage that it goes on from; itself if it begins with random weights. */
  Stage source() {
    return switch (this) {
      case SMALL, EXPERT, EXPERT_LORA -> SMALL;
      case BASE, BASE_TUNED -> BASE;
    };
  }

  StageRecipe recipe(FamilyRecipe family) {
    return switch (this) {
      case SMALL -> family.small();
      case EXPERT -> family.expert();
      case EXPERT_LORA -> family.expertLora();
      case BASE -> family.base();
      case BASE_TUNED -> family.baseTuned();
    };
  }

  /** What a step costs in proportion to other stages: positions times weights. */
  double costOfStep(FamilyRecipe family) {
    long parameters = (source() == SMALL ? family.smallShape() : family.baseShape()).parameters();
    return (double) recipe(family).tokensPerStep() * parameters;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
