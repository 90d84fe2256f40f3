package io.proxytune.core.sampling;

import io.proxytune.model.Logits;

/**
 * Puts the columns of logits into another order. Safe for use by several threads; what it keeps on
 * a device is freed with it.
 */
public interface ColumnOrder {
  /**
   * Reorders rows.
   *
   * @param logits rows that are as wide as the largest source needs; they stay open meanwhile
   * @return new rows, −∞ in the columns that have no source; the caller closes them
   */
  Logits of(Logits logits);
}
