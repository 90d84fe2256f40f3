/** The decoding loop: prompts, roles, stop rules, streams. It knows no tensor. */
@NullMarked
package io.proxytune.core.decode;

import org.jspecify.annotations.NullMarked;
