/** The seam between the API and an implementation of it; applications need nothing from here. */
@NullMarked
package io.proxytune.spi;

import org.jspecify.annotations.NullMarked;
