/** Models of which two can read at the same time. */
@NullMarked
package io.proxytune.core.paired;

import org.jspecify.annotations.NullMarked;
