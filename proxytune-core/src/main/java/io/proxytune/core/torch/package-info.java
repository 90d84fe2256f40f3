/** LibTorch through JavaCPP: devices, dtypes, memory and operators. Only these packages know it. */
@NullMarked
package io.proxytune.core.torch;

import org.jspecify.annotations.NullMarked;
