/**
 * The models of a tuner in their places: the base and the pairs that steer it. What an application
 * gives is checked here once, sources and tokenizers as well as whether vocabularies fit together,
 * so that all others can rely on it. Knows no tensor.
 */
@NullMarked
package io.proxytune.core.ensemble;

import org.jspecify.annotations.NullMarked;
