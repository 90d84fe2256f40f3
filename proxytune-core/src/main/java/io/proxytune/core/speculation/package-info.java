/**
 * Drafts of tokens to come, and whether they pay. A policy says how many to draft from what steps
 * cost and how often drafts were right; whatever it says, the text stays the same. Knows no tensor.
 */
@NullMarked
package io.proxytune.core.speculation;

import org.jspecify.annotations.NullMarked;
