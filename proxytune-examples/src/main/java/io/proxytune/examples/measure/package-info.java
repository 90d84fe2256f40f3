/**
 * Measures systems on questions of a user's own: a {@link
 * io.proxytune.examples.measure.QuestionFile} holds {@linkplain
 * io.proxytune.examples.measure.Question questions}, an {@link
 * io.proxytune.examples.measure.Interview} puts them to a {@linkplain
 * io.proxytune.examples.measure.MeasuredSystem system}, and a {@link
 * io.proxytune.examples.measure.Checker} scores each {@linkplain
 * io.proxytune.examples.measure.Answer answer} from 0 to 1.
 */
@NullMarked
package io.proxytune.examples.measure;

import org.jspecify.annotations.NullMarked;
