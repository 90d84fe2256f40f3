/** The few statistics that measurements are reported with: intervals, differences, resampling. */
@NullMarked
package io.proxytune.examples.statistics;

import org.jspecify.annotations.NullMarked;
