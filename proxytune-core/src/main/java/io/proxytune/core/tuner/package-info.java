/**
 * The tuner that applications hold: it checks and begins requests, gives them out as streams and
 * futures that any thread may end, and frees what was forgotten. What a request decodes, it leaves
 * to the decoding loop.
 */
@NullMarked
package io.proxytune.core.tuner;

import org.jspecify.annotations.NullMarked;
