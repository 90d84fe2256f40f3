/**
 * Steers a base that another program runs: {@link io.proxytune.core.offsets.OffsetServer} runs
 * experts and anti-experts for an engine, such as vLLM, which adds their offsets to its logits.
 */
@NullMarked
package io.proxytune.core.offsets;

import org.jspecify.annotations.NullMarked;
