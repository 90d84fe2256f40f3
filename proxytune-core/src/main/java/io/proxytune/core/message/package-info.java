/** The turns of a conversation as JSON, in OpenAI's form, and as what a chat template reads. */
@NullMarked
package io.proxytune.core.message;

import org.jspecify.annotations.NullMarked;
