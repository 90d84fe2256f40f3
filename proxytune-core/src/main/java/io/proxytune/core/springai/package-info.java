/**
 * A tuner as Spring AI's chat model. It needs {@code org.springframework.ai:spring-ai-model} 2,
 * which an application brings itself.
 */
@NullMarked
package io.proxytune.core.springai;

import org.jspecify.annotations.NullMarked;
