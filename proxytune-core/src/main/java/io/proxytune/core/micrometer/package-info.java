/**
 * Metrics of requests in Micrometer, under OpenTelemetry's names for generative models. It needs
 * {@code io.micrometer:micrometer-core}, which an application brings itself.
 */
@NullMarked
package io.proxytune.core.micrometer;

import org.jspecify.annotations.NullMarked;
