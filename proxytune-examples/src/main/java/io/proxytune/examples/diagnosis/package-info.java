/**
 * Whether proxy-tuning fails in one of the ways it is known to: {@link
 * io.proxytune.examples.diagnosis.Diagnosis} judges figures of texts, vocabularies and times, and
 * {@link io.proxytune.examples.diagnosis.DiagnosisRun} collects them.
 */
@NullMarked
package io.proxytune.examples.diagnosis;

import org.jspecify.annotations.NullMarked;
