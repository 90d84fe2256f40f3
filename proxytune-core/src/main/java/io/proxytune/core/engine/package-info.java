/**
 * Which texts take part in a step, and which thread runs it. Every thread that waits for a token
 * may be the one that runs steps for all ({@link Engine}); a {@link Request} is what one call of an
 * application asked for. Begins requests in the order in which they come, within the bounds of
 * {@link io.proxytune.Batching}, and shares the room of a step among prompts. Knows no tensor.
 */
@NullMarked
package io.proxytune.core.engine;

import org.jspecify.annotations.NullMarked;
