/**
 * From a prompt to the token ids that each model reads: templates, texts of a role's own, and where
 * a continuation begins that is scored. Every id is checked against the model that is to read it.
 */
@NullMarked
package io.proxytune.core.prompt;

import org.jspecify.annotations.NullMarked;
