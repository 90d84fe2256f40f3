/**
 * How long texts take, as Table 12 of the paper (arXiv 2401.08565) has it: {@link
 * io.proxytune.examples.runtime.RuntimeTrials} times systems in turns.
 */
@NullMarked
package io.proxytune.examples.runtime;

import org.jspecify.annotations.NullMarked;
