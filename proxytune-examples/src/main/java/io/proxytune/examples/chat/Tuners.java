package io.proxytune.examples.chat;

import io.proxytune.ProxyTuner;
import java.util.List;

/** The models of a conversation, steered as it asks. */
public interface Tuners {
  /**
   * The strengths that it begins with.
   *
   * @return α of each pair; none where the base is alone
   */
  List<Double> alphas();

  /**
   * Steers at other strengths.
   *
   * @param alphas α of each pair
   * @return a tuner; the caller closes it
   */
  ProxyTuner steered(List<Double> alphas);

  /**
   * The base alone.
   *
   * @return a tuner; the caller closes it
   */
  ProxyTuner base();
}
