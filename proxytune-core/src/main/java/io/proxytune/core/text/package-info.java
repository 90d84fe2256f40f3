/**
 * From token ids to the text that a reader gets: ids are decoded as they come, never half a
 * character, and text is held back while it could still become a stop string.
 */
@NullMarked
package io.proxytune.core.text;

import org.jspecify.annotations.NullMarked;
