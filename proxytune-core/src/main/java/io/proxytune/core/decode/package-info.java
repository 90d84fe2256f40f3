/**
 * The loop that decodes: {@link DecodeStep} shows one step from top to bottom, {@link DecodeLoop}
 * runs step after step, and a {@link Sequence} is one text with its sessions, its sampling state
 * and what came out. A {@link Scorer} runs the same passes over texts that are given. Knows no
 * tensor.
 */
@NullMarked
package io.proxytune.core.decode;

import org.jspecify.annotations.NullMarked;
