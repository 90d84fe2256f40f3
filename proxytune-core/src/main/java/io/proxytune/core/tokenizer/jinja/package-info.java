/**
 * An interpreter for the Jinja2 templates that models bring along, as Hugging Face transformers
 * renders them: {@code trim_blocks} and {@code lstrip_blocks} on, loop controls, the immutable
 * sandbox.
 *
 * <p>{@link io.proxytune.core.tokenizer.jinja.Template} parses a template once: {@code Lexer} makes
 * tokens, {@code TemplateParser} and {@code ExpressionParser} make a tree of {@code Statement}s and
 * {@code Expression}s, which run themselves. Values are those of Python: {@code String}, {@code
 * Long}, {@code Double}, {@code Boolean}, {@code None}, {@code List}, {@code Tuple}, {@code Map},
 * {@code Undefined}; {@code Values} says how they behave. A template reaches nothing else: there is
 * no way from it to a Java class, a file or the network, and {@code Limits} bounds what it uses.
 */
@NullMarked
package io.proxytune.core.tokenizer.jinja;

import org.jspecify.annotations.NullMarked;
