/**
 * How results are shown: {@link io.proxytune.examples.report.Report} is a list of paragraphs,
 * {@link io.proxytune.examples.report.Table tables} and {@link io.proxytune.examples.report.Chart
 * charts}, written as plain text for a terminal of any width or as one HTML page that needs no
 * network.
 */
@NullMarked
package io.proxytune.examples.report;

import org.jspecify.annotations.NullMarked;
