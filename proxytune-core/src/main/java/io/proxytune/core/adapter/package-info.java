/**
 * What the adapters for frameworks have in common: a turn of a conversation with settings that may
 * be left out, streamed, and calls of tools read out of it.
 */
@NullMarked
package io.proxytune.core.adapter;

import org.jspecify.annotations.NullMarked;
