/**
 * The command line: {@link io.proxytune.examples.Main}. One class a command; the options that
 * commands share are mixins.
 */
@NullMarked
package io.proxytune.examples;

import org.jspecify.annotations.NullMarked;
