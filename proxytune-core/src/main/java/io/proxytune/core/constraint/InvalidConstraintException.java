package io.proxytune.core.constraint;

import io.proxytune.Constraint;

/**
 * A {@link Constraint} that can't be read, contradicts itself, is too large, or can't be written in
 * the model's tokens: told from other bad input, for who serves several forms.
 */
public final class InvalidConstraintException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidConstraintException(String message, Throwable cause) {
    super(message, cause);
  }
}
