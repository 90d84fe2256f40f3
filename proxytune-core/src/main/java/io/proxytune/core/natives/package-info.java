/**
 * What loading native libraries needs, and why it fails, in a user's words; calls no native code.
 */
@NullMarked
package io.proxytune.core.natives;

import org.jspecify.annotations.NullMarked;
