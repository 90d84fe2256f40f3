package io.proxytune;

/** What a model is for in proxy-tuning (arXiv 2401.08565, section 2). */
public enum Role {
  /** The large model that is steered. */
  BASE,
  /** A small tuned model: its logits are added. */
  EXPERT,
  /** The same small model untuned: its logits are subtracted. */
  ANTI_EXPERT
}
