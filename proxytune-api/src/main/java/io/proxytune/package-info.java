/**
 * Proxy-tuning (arXiv 2401.08565) for the JVM: {@code logits = base + α · (expert − anti-expert)}.
 *
 * <p>Start at {@link io.proxytune.ProxyTuner}. A loaded model is a {@link
 * io.proxytune.LogitSource}; what a request may ask for is in {@link
 * io.proxytune.GenerationOptions}; how a token is picked is a {@link io.proxytune.Sampler}.
 */
@NullMarked
package io.proxytune;

import org.jspecify.annotations.NullMarked;
