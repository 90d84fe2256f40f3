/**
 * Drafts of tokens to come, which the models verify in one pass: prompt lookup and the expert make
 * them, and a policy says how many pay, from what steps cost and how often drafts were right.
 * Whatever it says, the text stays the same. Knows no tensor.
 */
@NullMarked
package io.proxytune.core.speculation;

import org.jspecify.annotations.NullMarked;
