/**
 * Files of prompts: a line each in, a line each out, as many at once as a tuner decodes together; a
 * run that was killed goes on where it was.
 */
@NullMarked
package io.proxytune.examples.batch;

import org.jspecify.annotations.NullMarked;
