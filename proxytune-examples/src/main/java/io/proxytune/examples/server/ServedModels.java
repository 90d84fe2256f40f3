package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.FusionTerm;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The models that a server offers by name: the base as its pairs steer it and, where there are
 * pairs, the base alone. Tuners of other strengths are made as they are asked for, over the same
 * weights.
 *
 * <p><b>Threads:</b> safe for use by several threads. The models are closed by the caller, after
 * this.
 */
public final class ServedModels implements AutoCloseable {
  private final String name;
  private final LogitSource base;
  private final List<ExpertPair> pairs;
  private final Fusion fusion;
  private final TunerCache tuners;

  /** Makes a tuner over the base. */
  public interface Maker {
    /** With these pairs, and rows that are fused so. */
    ProxyTuner tuner(List<ExpertPair> pairs, Fusion fusion);
  }

  /**
   * Offers models.
   *
   * @param name the name of the steered base
   * @param base the base
   * @param pairs what steers it, at the strengths of a request that names none
   * @param fusion how all are fused
   * @param maker makes tuners
   */
  public ServedModels(
      String name, LogitSource base, List<ExpertPair> pairs, Fusion fusion, Maker maker) {
    this.name = name;
    this.base = base;
    this.pairs = List.copyOf(pairs);
    this.fusion = fusion;
    this.tuners =
        new TunerCache(
            steering ->
                maker.tuner(
                    at(steering.strengths()), steering.fused() ? fusion : Fusion.proxyTuning()));
    tuners.lease(own()).close(); // what does not fit together is said now
  }

  /** The name of the base with all that steers it. */
  public static String nameOf(LogitSource base, List<ExpertPair> pairs, Fusion fusion) {
    List<String> names = new ArrayList<>(List.of(base.name()));
    pairs.forEach(pair -> names.add(pair.expert().name()));
    fusion.terms().forEach(term -> names.add(term.source().name()));
    return String.join("+", names);
  }

  private TunerCache.Steering own() {
    return new TunerCache.Steering(fused(), ownStrengths());
  }

  private boolean fused() {
    return !pairs.isEmpty() || !fusion.equals(Fusion.proxyTuning());
  }

  private List<ExpertPair> at(List<Double> strengths) {
    return IntStream.range(0, strengths.size())
        .mapToObj(i -> pairs.get(i).withAlpha(strengths.get(i)))
        .toList();
  }

  private List<Double> ownStrengths() {
    return pairs.stream().map(ExpertPair::alpha).toList();
  }

  /** The names, the steered base's first. */
  List<String> names() {
    return Stream.of(name, base.name()).distinct().limit(fused() ? 2 : 1).toList();
  }

  /** How strongly each pair steers where a request does not say. */
  List<Double> strengths() {
    return ownStrengths();
  }

  /** The number of tokens that all models hold at least. */
  int contextLength() {
    return Stream.of(Stream.of(base), experts(), antiExperts())
        .flatMap(each -> each)
        .mapToInt(LogitSource::contextLength)
        .min()
        .orElseThrow();
  }

  /** The base's tokenizer, whose ids requests and answers are in. */
  Tokenizer tokenizer() {
    try (TunerCache.Lease lease = tuners.lease(own())) {
      return lease.tuner().tokenizer();
    }
  }

  /** The tokenizers whose chat templates are to render conversations. */
  List<Tokenizer> templates(boolean steered, Predicate<Role> reads) {
    Stream<LogitSource> readers = reads.test(Role.BASE) ? Stream.of(base) : Stream.empty();
    if (steered && reads.test(Role.EXPERT)) {
      readers = Stream.concat(readers, experts());
    }
    if (steered && reads.test(Role.ANTI_EXPERT)) {
      readers = Stream.concat(readers, antiExperts());
    }
    return readers.distinct().flatMap(source -> source.tokenizer().stream()).toList();
  }

  private Stream<LogitSource> experts() {
    return Stream.concat(
        pairs.stream().map(ExpertPair::expert), fusion.terms().stream().map(FusionTerm::source));
  }

  private Stream<LogitSource> antiExperts() {
    return Stream.concat(
        pairs.stream().map(ExpertPair::antiExpert),
        fusion.terms().stream().flatMap(term -> term.against().stream()));
  }

  /**
   * A tuner for a request; the caller closes the lease when the request is over.
   *
   * @param model the name that the request gives, if it gives one
   * @param alpha the strengths that it gives, if it gives some
   */
  TunerCache.Lease lease(Optional<String> model, Optional<JsonNode> alpha) {
    String asked = model.orElse(name);
    if (!names().contains(asked)) {
      throw ApiException.notFound(
          "model",
          "model_not_found",
          "the model '" + asked + "' is not served here: known are " + String.join(", ", names()));
    }
    boolean steered = fused() && asked.equals(name);
    if (steered && !pairs.isEmpty()) {
      List<Double> strengths = alpha.map(this::strengths).orElseGet(this::ownStrengths);
      return tuners.lease(new TunerCache.Steering(true, strengths));
    }
    alpha.ifPresent(given -> refuseAlpha(asked, steered));
    return tuners.lease(steered ? own() : TunerCache.Steering.NONE);
  }

  private static void refuseAlpha(String asked, boolean steered) {
    throw ApiException.bad(
        "alpha",
        "'alpha' says how strongly expert pairs steer, and '%s' is served without any%s",
        asked,
        steered ? ": how strongly its models are fused was said when the server began" : "");
  }

  private List<Double> strengths(JsonNode alpha) {
    List<Double> strengths = new ArrayList<>();
    if (alpha.isArray()) {
      alpha.forEach(each -> strengths.add(Fields.number("alpha", each)));
    } else {
      strengths.add(Fields.number("alpha", alpha));
    }
    if (strengths.size() != pairs.size()) {
      throw ApiException.bad(
          "alpha",
          "'alpha' must have a number for each of the %s expert pairs, got %s",
          pairs.size(),
          Fields.brief(alpha));
    }
    strengths.replaceAll(strength -> strength == 0 ? 0.0 : strength); // -0 is no other strength
    return Collections.unmodifiableList(strengths);
  }

  /** Closes the tuners, which ends what they are asked for. */
  @Override
  public void close() {
    tuners.close();
  }
}
