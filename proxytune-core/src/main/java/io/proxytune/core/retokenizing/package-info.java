/**
 * Models that read texts in tokens of their own, and say in the base's tokens what comes next: the
 * probability of a base's token is that of its bytes.
 */
@NullMarked
package io.proxytune.core.retokenizing;

import org.jspecify.annotations.NullMarked;
