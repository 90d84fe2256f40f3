/**
 * Who judges what no string comparison can: a command, a server, or verdicts that were given
 * before. Where there is none, nothing is judged and the report says so.
 */
@NullMarked
package io.proxytune.examples.tasks.judge;

import org.jspecify.annotations.NullMarked;
