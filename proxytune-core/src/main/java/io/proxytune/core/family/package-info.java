/**
 * The families of models that can be loaded: each is a function from a config to the description of
 * a decoder. A new one is a short class and a line in {@link io.proxytune.core.family.Families}.
 */
@NullMarked
package io.proxytune.core.family;

import org.jspecify.annotations.NullMarked;
