package io.proxytune.core.engine;

import com.google.common.collect.MapMaker;
import io.proxytune.Batching;
import io.proxytune.model.LogitModel;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * The engines of models that are shared: one for all tuners with the same base in memory and the
 * same settings. An idle engine holds nothing of a model, and goes with it. Safe for use by several
 * threads.
 */
public final class Engines {
  private static final ConcurrentMap<LogitModel, Map<Settings, Engine>> shared =
      new MapMaker().weakKeys().makeMap(); // by identity

  private record Settings(Batching limits, OptionalInt threads) {}

  private Engines() {}

  /**
   * The engine of a model.
   *
   * @param host the base's host
   * @param limits how much is decoded together
   * @param threads the number of CPU threads of an operation, if given
   * @return always the same for the same
   */
  public static Engine of(LogitModel host, Batching limits, OptionalInt threads) {
    return shared
        .computeIfAbsent(host, h -> new ConcurrentHashMap<>())
        .computeIfAbsent(new Settings(limits, threads), s -> new Engine(limits, freeBytes(host)));
  }

  private static Supplier<OptionalLong> freeBytes(LogitModel host) {
    WeakReference<LogitModel> model = new WeakReference<>(host); // whose engine it is
    return () -> {
      LogitModel alive = model.get();
      return alive == null ? OptionalLong.empty() : alive.freeBytes();
    };
  }
}
