package io.proxytune.examples.diagnosis;

/**
 * From where on a figure is a signature: immutable. None of them is a law; each is stated with the
 * figure that it was compared with.
 *
 * @param fewestTokens with fewer tokens nothing is said of texts. A share of a fifth of 100 tokens
 *     is known to within 8 points, if they were independent
 * @param leastFall nats a token by which the base's likelihood must fall before it is compared with
 *     what the expert gains: less hardly changes a text, whoever gains
 * @param repetition by how much the share of repeated 4-grams may exceed the base's own. Greedy
 *     texts of untuned models repeat up to .44 of them and people's .006 (arXiv 1908.04319), so
 *     that only what is added to the base's own speaks against the pair
 * @param plausible a token less likely than this fraction of the likeliest is implausible to a
 *     model, as in contrastive decoding (arXiv 2210.15097)
 * @param mostImplausible the largest share of steered tokens
 * @param fewestSteered the least share of steered tokens. The paper's pairs steer .13 to .25 (arXiv
 *     2401.08565, section 6); below .01 texts are the base's own
 * @param noise the offset is lost in rounding where it is less than so many standard deviations of
 *     it, as a measurement is
 * @param confident the probability of its likeliest token from which on the base counts as
 *     confident: where it is less, BlendIn (arXiv 2606.11201) and Nudging ask the tuned model
 * @param mostSteered the largest share of tokens steered against a confident base: pairs that
 *     intervene in more than about a fifth do worse than others (BlendIn)
 * @param mostLeftOut the largest share of what a pair wants changed that candidates may leave out:
 *     beyond half of it, texts are rather the base's
 * @param mostEndless the largest share of texts that may go on where all models together would end
 *     them: what follows is not what anybody asked for
 * @param leastShared the least share of the base's tokens that expert and anti-expert have
 * @param mostUnsteered the largest share of generated tokens that some pair has no logits for
 * @param mostTime the largest share of a step's time that experts and anti-experts take: above .5 a
 *     step takes more than twice the base's own. The paper's took .61 beside 13B and .37 beside
 *     70B, from its ratios 2.54 and 1.58
 */
public record Thresholds(
    int fewestTokens,
    double leastFall,
    double repetition,
    double plausible,
    double mostImplausible,
    double fewestSteered,
    double noise,
    double confident,
    double mostSteered,
    double mostLeftOut,
    double mostEndless,
    double leastShared,
    double mostUnsteered,
    double mostTime) {
  /** What the command uses. */
  public static Thresholds standard() {
    return new Thresholds(100, 0.5, 0.2, 0.1, 0.01, 0.01, 3, 0.4, 0.2, 0.5, 0.1, 0.95, 0.01, 0.5);
  }
}
