/**
 * Questions about the method that the miniature world answers. A {@link
 * io.proxytune.examples.study.Study} measures in a {@link io.proxytune.examples.study.Laboratory}
 * and concludes from the values alone; {@link io.proxytune.examples.study.StudyCommand} makes one
 * or all.
 */
@NullMarked
package io.proxytune.examples.study;

import org.jspecify.annotations.NullMarked;
