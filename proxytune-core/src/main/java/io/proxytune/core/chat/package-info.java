/**
 * What models write in answers of a chat: calls of tools, in the forms of common chat templates.
 */
@NullMarked
package io.proxytune.core.chat;

import org.jspecify.annotations.NullMarked;
