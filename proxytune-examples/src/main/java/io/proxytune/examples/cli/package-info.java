/** What every command needs: options, the terminal, models, cancellation, checks of usage. */
@NullMarked
package io.proxytune.examples.cli;

import org.jspecify.annotations.NullMarked;
