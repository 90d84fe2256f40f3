/**
 * What models have read of earlier prompts, kept for later ones that begin alike. Knows no tensor.
 */
@NullMarked
package io.proxytune.core.prefix;

import org.jspecify.annotations.NullMarked;
