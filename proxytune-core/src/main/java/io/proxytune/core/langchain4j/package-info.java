/**
 * A tuner as LangChain4j's chat models. It needs {@code dev.langchain4j:langchain4j-core}, which an
 * application brings itself.
 */
@NullMarked
package io.proxytune.core.langchain4j;

import org.jspecify.annotations.NullMarked;
