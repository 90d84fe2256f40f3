package io.proxytune.core.ensemble;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.LogitSource;
import io.proxytune.ModelException;
import io.proxytune.model.LogitModel;
import io.proxytune.model.Logits;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses an application's own source that breaks the contract of {@link LogitModel}, by its place
 * and the method's name.
 */
public final class SourceCheck {
  private final LogitModel source;
  private final String place;

  private SourceCheck(LogitModel source, String place) {
    this.source = source;
    this.place = place;
  }

  /**
   * Checks what a source says of itself.
   *
   * @param place its place in the tuner, such as {@code expert of pair 0}
   * @return the source
   * @throws IllegalArgumentException if it can't be run, or something is null or out of range
   */
  static LogitModel check(LogitSource source, String place) {
    checkArgument(
        source instanceof LogitModel,
        "the %s (a source of %s) can't be run: implement io.proxytune.model.LogitModel",
        place,
        source.getClass());
    SourceCheck check = new SourceCheck((LogitModel) source, place);
    String name = check.present(source.name(), "name()", "a name");
    checkArgument(
        !name.isEmpty(),
        "the %s (a source of %s) returned an empty name from name()",
        place,
        source.getClass());
    check.checkSizes();
    check.checkCap();
    check.checkHost();
    check.present(source.tokenizer(), "tokenizer()", "an Optional");
    check.checkIds();
    return check.source;
  }

  private void checkSizes() {
    checkArgument(
        source.width() >= 1 && source.width() <= Logits.MAX_WIDTH,
        "the %s ('%s') returned %s from width(), expected 1 to %s logits in a row",
        place,
        source.name(),
        source.width(),
        Logits.MAX_WIDTH);
    checkArgument(
        source.contextLength() >= 1,
        "the %s ('%s') returned %s from contextLength(), expected at least 1 token",
        place,
        source.name(),
        source.contextLength());
  }

  private void checkCap() {
    OptionalDouble cap = present(source.logitCap(), "logitCap()", "an OptionalDouble");
    double bound = cap.orElse(1);
    checkArgument(
        bound > 0 && bound <= Float.MAX_VALUE,
        "the %s ('%s') returned %s from logitCap(), expected a finite bound above 0",
        place,
        source.name(),
        bound);
  }

  private void checkHost() {
    LogitModel host = present(source.host(), "host()", "the source itself or its host");
    checkArgument(
        host.host() == host && host.width() == source.width(),
        "the %s ('%s') returned a source from host() that is not its own host, or whose rows are"
            + " not as wide: %s instead of %s logits",
        place,
        source.name(),
        host.width(),
        source.width());
  }

  private void checkIds() {
    Set<Integer> ids = present(source.endOfTextIds(), "endOfTextIds()", "a set of ids");
    for (Integer id : ids) {
      checkArgument(
          id != null && id >= 0 && id < source.width(),
          "the %s ('%s') returned a set with %s from endOfTextIds(), expected ids from 0 to %s",
          place,
          source.name(),
          id,
          source.width() - 1);
    }
  }

  private <T> T present(@Nullable T value, String method, String expected) {
    checkArgument(
        value != null,
        "the %s (a source of %s) returned null from %s, expected %s",
        place,
        source.getClass(),
        method,
        expected);
    return value;
  }

  /**
   * Checks what a source or a session of it made.
   *
   * @param value what was made, or null
   * @param role the source's place
   * @param method what was called, for the message
   * @param <T> what is made
   * @return the value
   * @throws ModelException if it is null
   */
  public static <T> T made(@Nullable T value, ModelRole role, String method) {
    if (value == null) {
      throw new ModelException("the " + role.describe() + " returned null from " + method);
    }
    return value;
  }
}
