/** A conversation on a terminal: what is typed, what is said, and what both become. */
@NullMarked
package io.proxytune.examples.chat;

import org.jspecify.annotations.NullMarked;
