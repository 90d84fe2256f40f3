/** Models whose ids are numbered anew, so that one token has one id to all models of a tuner. */
@NullMarked
package io.proxytune.core.renumbering;

import org.jspecify.annotations.NullMarked;
