/**
 * Runs code that a model wrote where it can do no harm, or not at all: {@link
 * io.proxytune.examples.tasks.sandbox.PythonSandbox}.
 */
@NullMarked
package io.proxytune.examples.tasks.sandbox;

import org.jspecify.annotations.NullMarked;
