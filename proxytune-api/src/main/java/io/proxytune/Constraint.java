package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;

/**
 * A form that a text must have, from its first character to its last: immutable. While decoding,
 * tokens that no text of that form goes on with are not picked, and the text can end only where it
 * is whole, as in Willard and Louf's <a href="https://arxiv.org/abs/2307.09702">Efficient Guided
 * Generation</a>.
 *
 * <ul>
 *   <li>It counts from the first new token. Where a vocabulary writes a space before the first word
 *       of an answer, the form has to begin with it, or that word is spelled in other tokens.
 *   <li>Special tokens leave no text and are never picked, but those that end a text and those that
 *       the form names ({@link #specialToken}, {@link #until}).
 *   <li>Where a set of characters may stand, one whose bytes have no tokens is not written.
 *   <li>A text that reaches {@linkplain GenerationOptions#withMaxNewTokens its most tokens}, a stop
 *       string, its deadline or the end of a context before it is whole ends there: its {@link
 *       Generation#finishReason()} says so, and what is there is the beginning of such a text.
 *   <li>What a form says is checked when it is used: a request whose form can't be read, or not be
 *       written in the model's tokens, is refused with an {@link IllegalArgumentException}.
 * </ul>
 *
 * <p><b>Threads:</b> safe for use by several threads; what it becomes for a vocabulary is kept, so
 * that using one again costs nothing.
 */
public sealed interface Constraint {
  /**
   * Texts that a regular expression matches as a whole.
   *
   * @param expression as {@link java.util.regex.Pattern} reads it, without flags, possessive
   *     quantifiers, back-references, look-around and boundaries; {@code ^} and {@code $} at its
   *     ends change nothing
   * @return the constraint
   */
  static Constraint regex(String expression) {
    return new Regex(expression);
  }

  /**
   * One of some texts.
   *
   * @param texts at least one, none empty
   * @return the constraint
   */
  static Constraint choice(List<String> texts) {
    return new Choice(texts);
  }

  /**
   * One of some texts.
   *
   * @param texts at least one, none empty
   * @return the constraint
   */
  static Constraint choice(String... texts) {
    return new Choice(Arrays.asList(texts));
  }

  /**
   * JSON that a schema describes. Objects have their properties in the order of the schema, and
   * others only where {@code additionalProperties} says so or no {@code properties} are given.
   * Between values stands nothing, a space, or a line break with up to 16 spaces. A number has at
   * most 15 digits before its point, and 15 after it.
   *
   * @param schema a JSON Schema (2020-12, or an older draft as far as it says the same), as text; a
   *     keyword that is not supported is refused by its name. Supported are {@code type}, {@code
   *     enum}, {@code const}, {@code anyOf}, {@code oneOf} and {@code allOf} (where no two can be
   *     met by one value, and of one schema), {@code $ref} inside the schema, recursive too, {@code
   *     properties}, {@code required}, {@code additionalProperties}, {@code items}, {@code
   *     prefixItems}, {@code minItems}, {@code maxItems}, {@code minLength}, {@code maxLength},
   *     {@code pattern}, {@code format} (date, time, date-time, uuid, ipv4), {@code minimum},
   *     {@code maximum}, {@code exclusiveMinimum}, {@code exclusiveMaximum}, and what only
   *     describes
   * @return the constraint
   */
  static Constraint jsonSchema(String schema) {
    return new JsonSchema(schema);
  }

  /**
   * Any JSON object.
   *
   * @return the constraint
   */
  static Constraint json() {
    return new JsonSchema("{\"type\": \"object\"}");
  }

  /**
   * A special token, which leaves no text, such as the one that some models write before calls of
   * tools.
   *
   * @param token as the vocabulary spells it, such as {@code [TOOL_CALLS]}; where it has no such
   *     special token, nothing is of this form, and what it stands in can't be written either
   * @return the constraint
   */
  static Constraint specialToken(String token) {
    return new SpecialToken(token);
  }

  /**
   * Any text up to a mark, and the mark. The text ends with the first one: what stands behind this
   * form begins there. Where the vocabulary has a special token that is spelled so, that is the
   * mark, too.
   *
   * @param mark the mark, such as {@code </think>}; not empty
   * @return the constraint
   */
  static Constraint until(String mark) {
    return new Until(mark);
  }

  /**
   * This form, and behind it another.
   *
   * @param next what follows
   * @return the constraint
   */
  default Constraint then(Constraint next) {
    return new Sequence(List.of(this, next));
  }

  /**
   * This form, and behind it a text.
   *
   * @param next what follows; not empty
   * @return the constraint
   */
  default Constraint then(String next) {
    return then(choice(next));
  }

  /**
   * This form or another.
   *
   * @param other what may stand instead
   * @return the constraint
   */
  default Constraint or(Constraint other) {
    return new AnyOf(List.of(this, other));
  }

  /**
   * What a regular expression matches.
   *
   * @param expression the expression
   */
  record Regex(String expression) implements Constraint {
    public Regex {
      requireNonNull(expression, "expression");
    }
  }

  /**
   * One of some texts.
   *
   * @param texts at least one, none empty
   */
  record Choice(List<String> texts) implements Constraint {
    public Choice {
      texts = List.copyOf(texts);
      checkArgument(!texts.isEmpty(), "a choice needs at least one text, got none");
      texts.forEach(text -> checkArgument(!text.isEmpty(), "a text to choose must not be empty"));
    }
  }

  /**
   * JSON that a schema describes.
   *
   * @param schema the schema, as text
   */
  record JsonSchema(String schema) implements Constraint {
    public JsonSchema {
      requireNonNull(schema, "schema");
    }
  }

  /**
   * A special token.
   *
   * @param token as the vocabulary spells it; not empty
   */
  record SpecialToken(String token) implements Constraint {
    public SpecialToken {
      checkArgument(!token.isEmpty(), "a special token has a name, got an empty one");
    }
  }

  /**
   * Any text up to a mark, and the mark.
   *
   * @param mark the mark; not empty
   */
  record Until(String mark) implements Constraint {
    public Until {
      checkArgument(!mark.isEmpty(), "a text up to a mark needs a mark, got an empty one");
    }
  }

  /**
   * Forms behind each other.
   *
   * @param parts at least one
   */
  record Sequence(List<Constraint> parts) implements Constraint {
    public Sequence {
      parts = List.copyOf(parts);
      checkArgument(!parts.isEmpty(), "a sequence needs at least one part, got none");
    }
  }

  /**
   * One of some forms.
   *
   * @param alternatives at least one
   */
  record AnyOf(List<Constraint> alternatives) implements Constraint {
    public AnyOf {
      alternatives = List.copyOf(alternatives);
      checkArgument(!alternatives.isEmpty(), "any of some forms needs at least one, got none");
    }
  }
}
