/** Text: Hugging Face tokenizers, chat templates, and streaming detokenization. */
@NullMarked
package io.proxytune.core.tokenizer;

import org.jspecify.annotations.NullMarked;
