/**
 * Loading models: {@link io.proxytune.core.TorchModels} reads a Hugging Face checkpoint folder into
 * a {@link io.proxytune.LogitSource}.
 */
@NullMarked
package io.proxytune.core;

import org.jspecify.annotations.NullMarked;
