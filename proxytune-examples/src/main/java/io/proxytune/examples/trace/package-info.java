/**
 * What steering did to texts, token by token: as JSON, as a file for a notebook, and as a page to
 * look at.
 */
@NullMarked
package io.proxytune.examples.trace;

import org.jspecify.annotations.NullMarked;
