package io.proxytune.core.offsets;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.ExpertPair;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.RoleSession;
import io.proxytune.core.session.SessionPlan;
import io.proxytune.core.session.SessionPlan.SessionSpec;
import io.proxytune.spi.TunerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The pairs of a server, with the vocabulary that they steer. Immutable but for what is kept. */
final class OffsetModels implements AutoCloseable {
  private final Ensemble ensemble;
  private final LogitMath math;
  private final List<String> names;
  private final int vocabularySize;
  private final byte[] fingerprint;
  private final int contextLength;

  /**
   * Puts pairs in their places.
   *
   * @param pairs by their names, in order; at least one
   */
  OffsetModels(
      Tokenizer vocabulary, Map<String, ExpertPair> pairs, OffsetLimits limits, LogitMath math) {
    checkArgument(!pairs.isEmpty(), "an offset needs a pair: add an expert and an anti-expert");
    this.math = math;
    this.names = List.copyOf(pairs.keySet());
    this.vocabularySize = vocabulary.vocabularySize();
    this.fingerprint = Fingerprint.of(vocabulary);
    this.ensemble =
        Ensemble.of(
            TunerSpec.builder()
                .base(new EngineBase(vocabulary))
                .pairs(List.copyOf(pairs.values()))
                .prefillChunk(limits.chunk())
                .prefixCacheBytes(limits.prefixBytes())
                .build(),
            math);
    this.contextLength =
        ensemble.pairs().stream()
            .flatMap(SteeringPair::roles)
            .mapToInt(role -> role.source().contextLength())
            .min()
            .orElseThrow();
  }

  LogitMath math() {
    return math;
  }

  List<SteeringPair> pairs() {
    return ensemble.pairs();
  }

  List<String> names() {
    return names;
  }

  int vocabularySize() {
    return vocabularySize;
  }

  byte[] fingerprint() {
    return fingerprint.clone();
  }

  int contextLength() {
    return contextLength;
  }

  PrefixCache prefixes() {
    return ensemble.prefixes();
  }

  /** Half of the memory that is free now, as far as the models know. */
  OptionalLong halfOfFreeBytes() {
    return ensemble.pairs().stream()
        .flatMap(SteeringPair::roles)
        .flatMapToLong(role -> role.source().freeBytes().stream())
        .map(bytes -> bytes / 2)
        .min();
  }

  /** Whether a pair's models differ, and so may say something else of the same tokens. */
  static boolean differs(SteeringPair pair) {
    return pair.expert().source() != pair.antiExpert().orElseThrow().source();
  }

  /**
   * The sessions of a request.
   *
   * @param steering its pairs, whose models differ
   * @param ids what it begins with, which are the engine's
   */
  SessionPlan plan(List<SteeringPair> steering, int[] ids) {
    List<SessionSpec> sessions = new ArrayList<>();
    List<ModelRole> roles = new ArrayList<>(List.of(ensemble.base()));
    Map<ModelRole, Integer> sessionOf = new HashMap<>();
    for (SteeringPair pair : steering) {
      for (ModelRole role : pair.roles().toList()) {
        int at = 0;
        while (at < sessions.size() && sessions.get(at).role().source() != role.source()) {
          at++;
        }
        if (at == sessions.size()) {
          sessions.add(new SessionSpec(role, spelled(ids, role)));
        }
        roles.add(role);
        sessionOf.put(role, at);
      }
    }
    return new SessionPlan(sessions, roles, steering, sessionOf, ensemble.prefixes());
  }

  private int[] spelled(int[] ids, ModelRole role) {
    boolean readsAll = Arrays.stream(ids).allMatch(role::reads);
    return readsAll
        ? ids
        : Arrays.stream(ids)
            .flatMap(id -> Arrays.stream(RoleSession.spelled(id, role, ensemble.base())))
            .toArray();
  }

  @Override
  public void close() {
    ensemble.prefixes().close();
  }
}
