/**
 * The format of {@code tokenizer.json}, checked part by part before the native library reads it.
 *
 * <p>That library ends the whole process where a file surprises it: an index beyond an array, a
 * name that refers to nothing, a regular expression that backtracks without end. So nothing reaches
 * it that was not checked here, and what is handed on is written anew from the checked parts.
 */
@NullMarked
package io.proxytune.core.tokenizer.format;

import org.jspecify.annotations.NullMarked;
