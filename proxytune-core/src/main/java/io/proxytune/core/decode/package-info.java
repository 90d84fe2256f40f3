/**
 * What decodes: {@link DecodeStep} shows one step from top to bottom, for the texts of any number
 * of requests, and a {@link Sequence} is one text with its sessions, its sampling state and what
 * came out. A {@link Scoring} takes part in the same steps with a text that is given. Knows no
 * tensor.
 */
@NullMarked
package io.proxytune.core.decode;

import org.jspecify.annotations.NullMarked;
