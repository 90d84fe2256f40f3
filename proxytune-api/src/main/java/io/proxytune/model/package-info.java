/**
 * What a model of an application's own is made of; who only loads models and generates with them
 * needs nothing from here. Implement {@link io.proxytune.model.LogitModel}, or make a {@link
 * io.proxytune.model.FunctionLogitSource} of a function.
 */
@NullMarked
package io.proxytune.model;

import org.jspecify.annotations.NullMarked;
