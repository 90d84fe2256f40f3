package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What stands between the input of latent attention and its queries, keys and values (arXiv
 * 2405.04434, section 2.1): immutable. Keys and values are made of one narrow, normalised vector of
 * a token, and queries may be; the last values of a key are rotated, and are the same for all
 * heads.
 *
 * @param queryDown {@code [query rank, width]}, of which the queries are made; none: of the input
 * @param queryNorm the norm of what it gives, where there is one
 * @param keyValueDown {@code [rank, width]}, of which keys and values are made
 * @param keyValueNorm the norm of what it gives
 * @param sharedKey {@code [rotated, width]}, the end of all heads' keys
 * @param valueDim the width of a value, at most that of a key
 */
public record LatentSpec(
    Optional<LinearSpec> queryDown,
    Optional<NormSpec> queryNorm,
    LinearSpec keyValueDown,
    NormSpec keyValueNorm,
    LinearSpec sharedKey,
    int valueDim) {
  public LatentSpec {
    requireNonNull(keyValueDown, "keyValueDown");
    requireNonNull(keyValueNorm, "keyValueNorm");
    requireNonNull(sharedKey, "sharedKey");
    checkArgument(
        queryDown.isPresent() == queryNorm.isPresent(), "a norm of queries needs what it is of");
    checkArgument(valueDim >= 1, "valueDim must be >= 1, got %s", valueDim);
  }

  /**
   * How many of a head's last values are rotated.
   *
   * @return the width of the key that heads share
   */
  public int rotated() {
    return Math.toIntExact(sharedKey.out());
  }

  /** The layers from the input to the queries, keys and values of heads, by what they read. */
  List<List<LinearSpec>> groups(LinearSpec query, LinearSpec key, LinearSpec value) {
    List<List<LinearSpec>> groups = new ArrayList<>();
    groups.add(List.of(queryDown.orElse(query), keyValueDown, sharedKey));
    if (queryDown.isPresent()) {
      groups.add(List.of(query));
    }
    groups.add(List.of(key, value));
    return groups;
  }

  /** Its norms. */
  Stream<NormSpec> norms() {
    return Stream.concat(queryNorm.stream(), Stream.of(keyValueNorm));
  }
}
