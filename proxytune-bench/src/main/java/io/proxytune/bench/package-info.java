/**
 * Benchmarks of decoding; {@link io.proxytune.bench.Benchmarks} runs them and prints their ratios.
 */
@NullMarked
package io.proxytune.bench;

import org.jspecify.annotations.NullMarked;
