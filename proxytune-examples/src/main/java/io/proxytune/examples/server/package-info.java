/**
 * A server for clients of OpenAI's protocol over a {@link io.proxytune.ProxyTuner}.
 *
 * <p>{@link io.proxytune.examples.server.HttpServer} speaks HTTP and knows no model. It hands each
 * request that a {@link io.proxytune.examples.server.Route} takes to a thread of its own; {@link
 * io.proxytune.examples.server.CompletionsEndpoint} and {@link
 * io.proxytune.examples.server.ChatEndpoint} read it into a {@link
 * io.proxytune.examples.server.TextRequest}, which {@link io.proxytune.examples.server.TextRun}
 * runs on a tuner of {@link io.proxytune.examples.server.ServedModels}.
 */
@NullMarked
package io.proxytune.examples.server;

import org.jspecify.annotations.NullMarked;
