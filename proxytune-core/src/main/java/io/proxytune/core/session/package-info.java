/**
 * What the models of one sequence have read: a session for each role, or one for roles that read
 * the same; a pass of all models over what is new; and the rows of logits that come of it, sorted
 * by role and fused. Knows no tensor.
 */
@NullMarked
package io.proxytune.core.session;

import org.jspecify.annotations.NullMarked;
