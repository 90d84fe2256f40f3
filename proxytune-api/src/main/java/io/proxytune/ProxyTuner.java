package io.proxytune;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * Decodes a base model steered by expert pairs: {@code logits = base + Σ α · (expert −
 * anti-expert)} (arXiv 2401.08565). Without pairs it decodes the base alone.
 *
 * <pre>{@code
 * try (ProxyTuner tuner =
 *     ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).alpha(1.0).build()) {
 *   System.out.println(tuner.generate("Why is the sky blue?").text());
 * }
 * }</pre>
 *
 * <p><b>Bounded logits.</b> Some models bound their logits, {@code cap · tanh(logit / cap)}, as
 * Gemma 2 does at 30. The formula takes each model's logits before its bound, and the sum is
 * brought within the base's: near a bound logits are all alike (40 and 60 become 26.1 and 28.9), so
 * that a difference of bounded ones hardly shows what tuning changed, and a sum of them is no logit
 * that the base was trained to give. Scores and log-probabilities are behind the bound: of the
 * fused distribution behind the base's, of a model alone behind its own.
 *
 * <p><b>Threads:</b> safe for use by any number of threads, virtual ones too. Requests of several
 * threads are decoded in one batch, also those of tuners that share a base (see {@link Batching});
 * they join and leave between two steps, and a text is the one that the request gives alone. There
 * is no thread for it: of the threads that wait for a token one runs the next step for all, so that
 * a request that is alone decodes on the thread that asks. An application's samplers, processors,
 * listeners and its own tokenizer are called by the thread that asked for the text, and never by
 * another's; a slow one keeps only its own text from the next step, and so does a slow reader of a
 * stream. Where a model is an application's own, each request runs its own passes on its own
 * thread, unless {@linkplain io.proxytune.model.LogitModel#sharesPasses() the model lets them
 * share}. What is called while a request decodes may use the tuner as well, and may close it, or a
 * model. A failed request frees what it held and leaves the tuner and other requests as they are.
 * <b>Ownership:</b> the caller closes the models, after the tuner.
 */
public interface ProxyTuner extends AutoCloseable {
  /**
   * Begins a tuner.
   *
   * @return a builder
   */
  static ProxyTunerBuilder builder() {
    return new ProxyTunerBuilder();
  }

  /**
   * Generates a text with the tuner's default options.
   *
   * @param prompt the prompt of every model
   * @return the text
   */
  default Generation generate(String prompt) {
    return generate(Prompt.of(prompt), defaults());
  }

  /**
   * Generates a text.
   *
   * @param prompt the prompt of every model
   * @param options what is asked for
   * @return the text
   */
  default Generation generate(String prompt, GenerationOptions options) {
    return generate(Prompt.of(prompt), options);
  }

  /**
   * Generates a text.
   *
   * @param prompt what each model reads
   * @param options what is asked for
   * @return the text
   * @throws IllegalArgumentException if the prompt is empty, or an option names an id that the base
   *     lacks
   * @throws ContextLengthException if the prompt leaves no room in a model's context
   * @throws ModelException if a model gives logits that no token can be picked from
   * @throws IllegalStateException if this tuner or one of its models is closed, also meanwhile
   */
  default Generation generate(Prompt prompt, GenerationOptions options) {
    try (TokenStream stream = stream(prompt, options)) {
      return stream.result();
    }
  }

  /**
   * Generates a text and hands over each token as it comes. An exception of the listener ends the
   * request and reaches the caller.
   *
   * @param prompt what each model reads
   * @param options what is asked for
   * @param listener called by this thread with each token
   * @return the text
   */
  default Generation generate(
      Prompt prompt, GenerationOptions options, Consumer<? super Token> listener) {
    try (TokenStream stream = stream(prompt, options)) {
      stream.forEach(listener);
      return stream.result();
    }
  }

  /**
   * Generates several texts from one prompt, decoded together; the prompt is read once. The first
   * has the request's seed, text {@code i} the {@code i}-th output of the SplitMix64 generator that
   * starts there; each equals what its {@link Generation#seed() seed} gives alone, but for
   * rounding. On the CPU they share the memory of the prompt, from 64 tokens on.
   *
   * @param prompt what each model reads
   * @param count the number of texts, from 1 to 65,536
   * @param options what is asked for
   * @return the texts
   */
  List<Generation> generateMany(Prompt prompt, int count, GenerationOptions options);

  /**
   * Generates a text for each of several prompts, decoded together. Each equals what it gives
   * alone. A seed that is given is every text's seed; otherwise each has its own.
   *
   * @param prompts what each model reads, for each text
   * @param options what is asked for
   * @return the texts, in the order of the prompts
   */
  List<Generation> generateAll(List<Prompt> prompts, GenerationOptions options);

  /**
   * Searches for a text that the experts like. Samples are decoded together as {@link
   * #generateMany} does, and what was read of the prompt is shared; the experts' log-probabilities
   * of the samples reward them. A pair with α = 0 does not steer the samples and rewards them all
   * the same: then the base alone decodes. Each pair counts once, whatever its α is.
   *
   * <p>Texts of the first chunk have the seeds of {@link #generateMany}, and so have the stretches
   * of every other; a text that goes on behind a chunk is continued as it would be without an end
   * there, so that one beam with one successor is plain decoding, but for rounding. Sampled texts
   * differ; greedy ones do not, and are worth no search. A time limit is that of the whole search,
   * and texts that it ends are ranked as far as they came.
   *
   * @param prompt what each model reads
   * @param search how it is searched
   * @param options what is asked for
   * @return the texts of the last chunk, the best first
   * @throws IllegalArgumentException if there is no pair, or a source is added alone, or more texts
   *     are asked for than can be decoded together
   */
  List<RewardedText> search(Prompt prompt, Search search, GenerationOptions options);

  /**
   * Begins a text with the tuner's default options.
   *
   * @param prompt the prompt of every model
   * @return a stream; the caller closes it
   */
  default TokenStream stream(String prompt) {
    return stream(Prompt.of(prompt), defaults());
  }

  /**
   * Begins a text.
   *
   * @param prompt the prompt of every model
   * @param options what is asked for
   * @return a stream; the caller closes it
   */
  default TokenStream stream(String prompt, GenerationOptions options) {
    return stream(Prompt.of(prompt), options);
  }

  /**
   * Begins a text. The prompt is checked now and read with the first token.
   *
   * @param prompt what each model reads
   * @param options what is asked for
   * @return a stream; the caller closes it
   */
  TokenStream stream(Prompt prompt, GenerationOptions options);

  /**
   * Describes a text for reactive callers: it begins for each subscriber, and is decoded as far as
   * that one requests.
   *
   * @param prompt what each model reads
   * @param options what is asked for
   * @param executor runs the decoding, such as a pool of threads or virtual ones
   * @return a publisher of tokens
   */
  default Flow.Publisher<Token> publisher(
      Prompt prompt, GenerationOptions options, Executor executor) {
    return new TokenPublisher(this, prompt, options, executor);
  }

  /**
   * Generates a text on one of the tuner's own threads, as many at once as {@link
   * ProxyTunerBuilder#asyncRequests} says. Cancelling the future ends the text at its next step.
   * What an asynchronous request's own sampler, processor or model asks for in this way is done at
   * once, on its thread; and it may cancel its own request, but not wait for it.
   *
   * @param prompt what each model reads
   * @param options what is asked for
   * @return the text to come
   */
  CompletableFuture<Generation> generateAsync(Prompt prompt, GenerationOptions options);

  /**
   * Scores a continuation of a prompt under the fused distribution, without sampling: exactly the
   * text that follows, no space more or less. Prompt and continuation are encoded as one text with
   * the base's tokenizer, and what follows the prompt's own tokens in it is scored, as
   * lm-evaluation-harness does; whitespace at the end of a plain text counts as the continuation's,
   * if every model's prompt ends with it. Special tokens that a tokenizer puts behind every text
   * are left out. Every model reads the same tokens.
   *
   * <p>A token may span the border. Then all tokens from where the two encodings part are scored,
   * given those before them, in which every model's prompt has to agree. Where a model's prompt
   * ends otherwise, and after ids, the continuation begins at the border instead, with tokens that
   * read as it is written.
   *
   * @param prompt what each model reads
   * @param continuation the text to score, not empty
   * @return the log-probabilities
   * @throws IllegalArgumentException if the continuation is empty, or a model lacks one of its ids
   * @throws ContextLengthException if prompt and continuation do not fit into a model's context
   * @throws ProxyTuneException if this thread is interrupted; it stays so
   */
  Score score(Prompt prompt, String continuation);

  /**
   * Picks the likeliest of several continuations, by total log-probability; ties to the first. All
   * are scored after the same tokens: where a token of one spans the end of the prompt, the scores
   * of all include the prompt's last tokens.
   *
   * @param prompt what each model reads
   * @param options the continuations, at least one, none empty
   * @return the choice, with the score of each
   */
  Choice choose(Prompt prompt, List<String> options);

  /**
   * Reports log-probabilities of tokens that follow a prompt, without sampling: what {@link #score}
   * gives for a text, for ids, with each model's view and the likeliest alternatives. With a text's
   * first id as the prompt and the others after it, it is the view of a whole text.
   *
   * @param prompt what each model reads
   * @param ids the token ids that follow it, of the base's vocabulary, at least one
   * @param top the number of alternatives, at least 0
   * @return a report for each id
   * @throws IllegalArgumentException if there are no ids, or a model lacks one of them
   * @throws ContextLengthException if prompt and ids do not fit into a model's context
   * @throws ModelException if a model gives logits that are no numbers
   * @throws ProxyTuneException if this thread is interrupted; it stays so
   */
  List<TokenLogprobs> logprobs(Prompt prompt, int[] ids, int top);

  /**
   * The options of a request that gives none.
   *
   * @return the options
   */
  GenerationOptions defaults();

  /**
   * The tokenizer of the base model, or the one given to the builder.
   *
   * @return the tokenizer
   */
  Tokenizer tokenizer();

  /**
   * The tokenizer that a model's texts are encoded with, and whose chat template it reads.
   *
   * @param role the model's role
   * @param pair the index of its pair, from 0; 0 for the base
   * @return the tokenizer; nothing where there is no such model, or none has a tokenizer
   */
  default Optional<Tokenizer> tokenizer(Role role, int pair) {
    return role == Role.BASE && pair == 0 ? Optional.of(tokenizer()) : Optional.empty();
  }

  /**
   * What is kept of earlier prompts, as {@link ProxyTunerBuilder#prefixCache} asks.
   *
   * @return its figures now
   */
  default PrefixCacheStats prefixCache() {
    return PrefixCacheStats.NONE;
  }

  /**
   * Ends what is under way with an {@link IllegalStateException} to its caller. Closing twice does
   * nothing; the models stay open. A tuner that is dropped without being closed leaves nothing
   * behind: its streams go on as long as they are used, and its threads end when it is found to be
   * garbage, or when they have been idle for half a minute.
   */
  @Override
  void close();
}
