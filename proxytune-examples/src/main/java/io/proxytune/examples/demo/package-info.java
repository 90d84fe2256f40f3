/**
 * What the program shows where no command is named: {@link io.proxytune.examples.demo.Demo}. One
 * question put to four systems side by side, with the tokens marked that steering changed, then a
 * small table.
 */
@NullMarked
package io.proxytune.examples.demo;

import org.jspecify.annotations.NullMarked;
