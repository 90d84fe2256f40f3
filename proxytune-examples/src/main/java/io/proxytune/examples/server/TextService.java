package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.GenerationOptions;
import io.proxytune.core.constraint.InvalidConstraintException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What the endpoints that write texts have in common.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
final class TextService {
  static final String STEERING = "steering";

  private static final int MAX_TEXTS = 128;

  /** What says something about the client, or about hardware that is not here. */
  private static final List<String> WITHOUT_EFFECT =
      List.of(
          "user",
          "metadata",
          "store",
          "service_tier",
          "safety_identifier",
          "prompt_cache_key",
          "prompt_cache_retention");

  private final ServedModels models;
  private final GenerationOptions first;
  private final int alternatives;
  private final ServerMetrics metrics;
  private final TokenTexts texts;

  /**
   * Prepares texts.
   *
   * @param settings what holds where a request says nothing, and what it may ask for
   */
  TextService(ServedModels models, ApiServer.Settings settings, ServerMetrics metrics) {
    this.models = models;
    this.first = settings.first();
    this.alternatives = settings.limits().alternatives();
    this.metrics = metrics;
    this.texts = new TokenTexts(models.tokenizer());
  }

  /** Of how many of the likeliest tokens a request asks for log-probabilities, if it does. */
  Optional<Integer> alternatives(Fields fields, String field) {
    return fields.integer(field, 0, alternatives);
  }

  ServedModels models() {
    return models;
  }

  /** The tuner that a request asks for. */
  TunerCache.Lease lease(Fields fields) {
    return models.lease(fields.text("model"), fields.node("alpha"));
  }

  /** The name that an answer bears. */
  String name(Fields fields) {
    return fields.text("model").orElseGet(() -> models.names().get(0));
  }

  /** How many texts of each prompt. */
  int count(Fields fields, int prompts) {
    int count = fields.integer("n", 1, MAX_TEXTS).orElse(1);
    if ((long) count * prompts > MAX_TEXTS) {
      throw ApiException.bad(
          "n",
          "a request may ask for %s texts, got %s prompts with %s texts each: send several",
          MAX_TEXTS,
          prompts,
          count);
    }
    return count;
  }

  void refuseBestOf(Fields fields) {
    int best = fields.integer("best_of", 1, MAX_TEXTS).orElse(1);
    if (best > 1) {
      throw ApiException.unsupported(
          "best_of", "'best_of' is not supported: ask for 'n' texts with logprobs and choose");
    }
  }

  /** Whether a stream ends with what was counted. */
  boolean streamsUsage(Fields fields) {
    Optional<ObjectNode> options = fields.object("stream_options");
    if (options.isEmpty()) {
      return false;
    }
    if (!fields.flag("stream")) {
      throw ApiException.bad("stream_options", "'stream_options' needs \"stream\": true");
    }
    Fields inner = Fields.of(options.get());
    boolean usage = inner.flag("include_usage");
    inner.ignore(List.of("include_obfuscation"));
    inner.checkAllTaken();
    return usage;
  }

  /** How texts are written. */
  GenerationOptions options(Fields fields, int maxTokens, Report report) {
    fields.ignore(WITHOUT_EFFECT);
    GenerationOptions given =
        first.minNewTokens() > maxTokens ? first.withMinNewTokens(maxTokens) : first;
    GenerationOptions options = new SamplingFields(fields).applyTo(given);
    return report.applyTo(options.withMaxNewTokens(maxTokens));
  }

  /** Answers a request. */
  void run(
      TextRequest request,
      BiFunction<TokenTexts, Report, AnswerForm> form,
      TunerCache.Lease lease,
      Call call)
      throws IOException {
    AnswerForm written = form.apply(texts, request.report());
    try {
      new TextRun(request, written, lease.tuner(), metrics).answer(call);
    } catch (InvalidConstraintException e) {
      throw ApiException.badRequest(request.form().orElse(null), null, message(request, e));
    }
  }

  private static String message(TextRequest request, InvalidConstraintException failure) {
    return request.form().map(field -> "'" + field + "': ").orElse("") + failure.getMessage();
  }
}
