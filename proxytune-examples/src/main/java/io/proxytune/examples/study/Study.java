package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A question about the method that the miniature world can answer. Measuring and concluding are
 * apart, so that what a page says can be made anew from the values that were kept. Immutable.
 */
public interface Study {
  /** What is asked and how. */
  Plan plan();

  /**
   * Measures, part by part: parts that were measured before are read.
   *
   * @param lab where models, sets and parts are
   * @return the values, all that {@link #conclude} needs
   */
  ObjectNode measure(Laboratory lab);

  /** Says what the values mean. */
  Conclusion conclude(JsonNode values);
}
