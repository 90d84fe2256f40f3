package io.proxytune.examples.diagnosis;

/** To how many bits a model computes. */
public enum Precision {
  FLOAT32("float32", 23),
  FLOAT16("float16", 10),
  BFLOAT16("bfloat16", 7);

  private static final int FLOAT_BITS = 23;

  private final String title;
  private final int fractionBits;

  Precision(String title, int fractionBits) {
    this.title = title;
    this.fractionBits = fractionBits;
  }

  /** As the field calls it. */
  public String title() {
    return title;
  }

  /** The distance of a number from the next larger one that has these bits. */
  double ulp(double value) {
    return Math.ulp((float) value) * (double) (1 << (FLOAT_BITS - fractionBits));
  }

  /**
   * The standard deviation that rounding gives to the difference of two logits. An error of
   * rounding is even within half an ulp, so that its variance is ulp² / 12. Rounding inside a model
   * adds to it: it is the least that there is.
   */
  double noise(double expert, double antiExpert) {
    return Math.hypot(ulp(expert), ulp(antiExpert)) / Math.sqrt(12);
  }
}
