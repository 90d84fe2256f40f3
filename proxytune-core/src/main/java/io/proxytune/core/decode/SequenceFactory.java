package io.proxytune.core.decode;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.sampling.Seeds;
import io.proxytune.core.session.SessionPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns prompts into sequences. Nothing is allocated on a device yet. */
public final class SequenceFactory {
  private final Ensemble ensemble;

  /**
   * Prepares sequences.
   *
   * @param ensemble the models
   */
  public SequenceFactory(Ensemble ensemble) {
    this.ensemble = ensemble;
  }

  /**
   * Sequences with their plans, in the order asked for.
   *
   * @param sequences the sequences
   * @param plans the plan of each
   * @param options the options of all
   * @param control what can end all from outside
   */
  public record Made(
      List<Sequence> sequences,
      List<SessionPlan> plans,
      GenerationOptions options,
      RequestControl control) {

    /**
     * The sequences of one prompt as a batch.
     *
     * @param prefillChunk the most prompt tokens of a pass
     * @return the batch
     */
    public DecodeBatch batch(int prefillChunk) {
      return batches(prefillChunk).get(0);
    }

    /**
     * One batch, or several where prompts differ in which pairs add to the logits. Prompts that are
     * read together share the room of a pass.
     *
     * @param prefillChunk the most prompt tokens of a pass
     * @return the batches, to be decoded one after the other
     */
    public List<DecodeBatch> batches(int prefillChunk) {
      Map<List<Integer>, List<Integer>> groups = new LinkedHashMap<>();
      for (int i = 0; i < sequences.size(); i++) {
        List<Integer> pairs = plans.get(i).pairs().stream().map(SteeringPair::index).toList();
        groups.computeIfAbsent(pairs, p -> new ArrayList<>()).add(i);
      }
      return groups.values().stream().map(group -> batch(group, prefillChunk)).toList();
    }

    private DecodeBatch batch(List<Integer> group, int prefillChunk) {
      long prompts = group.stream().map(plans::get).distinct().count();
      int chunk = (int) Math.max(1, prefillChunk / prompts);
      List<Sequence> members = group.stream().map(sequences::get).toList();
      return new DecodeBatch(members, plans.get(group.get(0)), options, control, chunk);
    }
  }

  /**
   * One text.
   *
   * @param prompt the prompt
   * @param options what the application asked for
   * @param control what can end it from outside
   * @return a sequence
   */
  public Made one(Prompt prompt, GenerationOptions options, RequestControl control) {
    return many(prompt, 1, options, control);
  }

  /**
   * Several texts of one prompt, which the first reads for all.
   *
   * @param prompt the prompt
   * @param count how many, at least 1
   * @param options what the application asked for
   * @param control what can end all from outside
   * @return the sequences
   */
  public Made many(Prompt prompt, int count, GenerationOptions options, RequestControl control) {
    SessionPlan plan = SessionPlan.of(ensemble, prompt, options.logprobs());
    long seed = Seeds.givenOrDrawn(options.seed());
    List<Sequence> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SequenceRequest request = request(plan, options, Seeds.derive(seed, i), control);
      made.add(new Sequence(request, i == 0 ? null : made.get(0)));
    }
    return new Made(made, Collections.nCopies(count, plan), options, control);
  }

  /**
   * A text for each prompt.
   *
   * @param prompts the prompts
   * @param options what the application asked for
   * @param control what can end all from outside
   * @return a sequence for each
   */
  public Made all(List<Prompt> prompts, GenerationOptions options, RequestControl control) {
    List<SessionPlan> plans = new ArrayList<>();
    List<Sequence> made = new ArrayList<>();
    for (Prompt prompt : prompts) {
      SessionPlan plan = SessionPlan.of(ensemble, prompt, options.logprobs());
      long seed = Seeds.givenOrDrawn(options.seed());
      plans.add(plan);
      made.add(new Sequence(request(plan, options, seed, control), null));
    }
    return new Made(made, plans, options, control);
  }

  private SequenceRequest request(
      SessionPlan plan, GenerationOptions options, long seed, RequestControl control) {
    EndIds ends = EndIds.of(ensemble.base(), plan, options);
    return new SequenceRequest(ensemble.base(), plan, options, ends, seed, control);
  }
}
